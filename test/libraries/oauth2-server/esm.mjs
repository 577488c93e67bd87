import OAuth2Server from '@node-oauth/oauth2-server'
import express from 'express'
import start from './application.cjs'

start(OAuth2Server, express)
