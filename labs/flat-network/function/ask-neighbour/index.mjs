import net from 'node:net';

// Called by the terminals in the reading rooms: { library, port, ask } is a question for the catalogue of a neighbour.
// Neighbours come and go, so the terminals have the list of addresses.
export const handler = ({ library, port, ask }) =>
  new Promise((resolve) => {
    const socket = net.connect({ host: String(library), port: Number(port) });
    let text = '';
    const end = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(3000, () => end({ error: `no answer from ${library}` }));
    socket.on('connect', () => socket.write(`${String(ask).split('\n')[0]}\n`));
    socket.on('error', (error) => end({ error: error.message }));
    socket.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) end({ answer: text.slice(0, text.indexOf('\n')) });
      else if (text.length > 10_000) end({ error: 'the answer is too long' });
    });
    socket.on('close', () => end({ error: `${library} closed the connection` }));
  });
