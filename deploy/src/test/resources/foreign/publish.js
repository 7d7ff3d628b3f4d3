// Publishes numbers with QoS 1 or 2 by MQTT.js. usage: publish.js PORT VERSION QOS COUNT DEVICE
const mqtt = require('mqtt')

const [port, version, qos, count] = process.argv.slice(2, 6).map(Number)
const device = process.argv[6]
const FIRST_MS = 1700000000000
const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { protocolVersion: version, clientId: device })
// MQTT.js does not keep to the receive maximum of a server by itself.
const WINDOW = 20
let next = 0
let left = count

function fail (error) {
  console.error(error)
  process.exit(1)
}

function publish () {
  const i = next++
  if (i >= count) {
    return
  }
  client.publish(`plant/${device}`, JSON.stringify({ t: FIRST_MS + i, n: i }), { qos }, (error) => {
    if (error) {
      fail(error)
    } else if (--left === 0) {
      client.end()
    } else {
      publish()
    }
  })
}

client.on('error', fail)
client.once('connect', () => {
  for (let i = 0; i < WINDOW; i++) {
    publish()
  }
})
