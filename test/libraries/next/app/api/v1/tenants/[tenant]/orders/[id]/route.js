export { GET } from '../../../../orders/[id]/route.js'
