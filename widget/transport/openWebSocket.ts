/** What a socket tells its owner. `onClose` comes exactly once, with the close code of RFC 6455. */
export interface SocketHandlers {
  onOpen(): void;
  onText(text: string): void;
  onClose(code: number): void;
}

export interface Socket {
  send(text: string): void;
  close(): void;
}

export type OpenSocket = (handlers: SocketHandlers) => Socket;

/** Opens `/v1/ws` of the API; the token travels in the first frame, never in the URL. */
export function openWebSocket(baseUrl: string): OpenSocket {
  const url = `${baseUrl.replace(/^http/, 'ws')}/v1/ws`;
  return ({ onOpen, onText, onClose }) => {
    const socket = new WebSocket(url);
    socket.onopen = onOpen;
    socket.onmessage = ({ data }) => {
      if (typeof data === 'string') onText(data);
    };
    socket.onclose = ({ code }) => onClose(code);
    return { send: (text) => socket.send(text), close: () => socket.close(1000) };
  };
}
