/** Schema URL of the registry that this package was generated from. */
export const SCHEMA_URL = 'https://tokentrail.example/schemas/oauth-dev/0.1.0-dev'
