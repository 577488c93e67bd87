import { jwtVerify } from 'jose'
import { serve } from './application.mjs'

const verify: typeof jwtVerify = jwtVerify
serve(verify)
