import { jwtVerify } from 'jose'
import { serve } from './application.mjs'

serve(jwtVerify)
