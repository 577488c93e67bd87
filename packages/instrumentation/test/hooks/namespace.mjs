export const verify = () => 1
export const other = () => 2
