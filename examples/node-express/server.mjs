// A web application with sessions: Express, express-session, connect-redis on node-redis. Nothing below the two marked lines knows
// that there is no server.
import { RedisStore } from 'connect-redis';
import express from 'express';
import session from 'express-session';
import { createClient } from 'redis';
import { socket } from 'tenondb/node-redis'; // <- new

const redis = createClient({ socket: socket(process.env.DATA ?? 'sessions.db') }); // <- was { url: process.env.REDIS_URL }
redis.on('error', (error) => console.error('redis:', error.message));
await redis.connect();

const app = express();
app.use(express.json());
app.use(
  session({
    store: new RedisStore({ client: redis, prefix: 'session:', ttl: 3600 }),
    secret: process.env.SECRET ?? 'change me',
    resave: false,
    saveUninitialized: false,
  }),
);

app.post('/login', (request, response) => {
  request.session.user = request.body.user;
  request.session.visits = 0;
  response.json({ user: request.session.user });
});

app.get('/visits', (request, response) => {
  if (!request.session.user) return response.status(401).json({ error: 'who are you?' });
  request.session.visits += 1;
  response.json({ user: request.session.user, visits: request.session.visits });
});

app.post('/logout', (request, response) => {
  request.session.destroy(() => response.json({}));
});

const listening = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on ${listening.address().port}`);
});

process.on('SIGTERM', () => {
  listening.close();
  listening.closeAllConnections();
  redis.close();
});
