// Loaded before the suite: it knows no way to send a header, and the loopback door wants its key in one.
import http from 'node:http';
import { getGlobalDispatcher, setGlobalDispatcher } from 'undici';

const { LANYARD_DOOR: door, LANYARD_KEY: key } = process.env;
const named = headers => (Array.isArray(headers) ? [...headers, 'lanyard-key', key] : { ...headers, 'lanyard-key': key });
const withKey = dispatch => (options, handler) =>
  dispatch(String(options.origin) === door ? { ...options, headers: named(headers(options.headers)) } : options, handler);

// Headers also come as anything that can be walked through in pairs.
function headers(given) {
  return given && !Array.isArray(given) && Symbol.iterator in given ? [...given].flat() : given;
}

setGlobalDispatcher(getGlobalDispatcher().compose(withKey));

// Some scenarios write their headers themselves.
const plain = http.request;
http.request = (options, ...rest) =>
  plain(`http://${options.hostname}:${options.port}` === door ? { ...options, headers: { ...options.headers, 'lanyard-key': key } } : options, ...rest);
