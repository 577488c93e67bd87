import { createServer } from 'node:http'
import { WebSocketServer } from 'ws'
import { announce, authorize } from '../authorize.mjs'

const sockets = new WebSocketServer({ noServer: true })
sockets.on('connection', (socket, request) => {
  socket.send(`hello ${request.subject}`)
  socket.on('message', (message) => {
    socket.send(String(message))
    socket.close()
  })
})

const server = createServer((_, response) => response.end('open'))
server.on('upgrade', async (request, socket, head) => {
  const { challenge, status, subject } = await authorize(request.headers.authorization)
  if (status !== undefined) {
    const reason = status === 401 ? 'Unauthorized' : 'Forbidden'
    socket.end(`HTTP/1.1 ${status} ${reason}\r\nWWW-Authenticate: ${challenge}\r\n\r\n`)
    return
  }
  request.subject = subject
  if (request.url === '/v1/crash') return socket.destroy()
  sockets.handleUpgrade(request, socket, head, (accepted) => {
    sockets.emit('connection', accepted, request)
  })
})
server.listen(0, '127.0.0.1', () => announce(server.address().port))
