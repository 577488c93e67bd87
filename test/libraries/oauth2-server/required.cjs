const OAuth2Server = require('@node-oauth/oauth2-server')
const express = require('express')

require('./application.cjs')(OAuth2Server, express)
