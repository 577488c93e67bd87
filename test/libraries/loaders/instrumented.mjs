import { instrumentModule } from '@tokentrail/node'
import * as bundled from 'jose'
import { serve } from './application.mjs'

serve(instrumentModule('jose', bundled).jwtVerify)
