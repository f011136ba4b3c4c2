/** The URI, once it is sure to be a JPEG picture and nothing else. `what` names it in the error. */
export function requireJpegUri(uri: string, what: string): string {
  if (!/^data:image\/jpeg;base64,[A-Za-z0-9+/]+=*$/.test(uri)) throw new Error(`${what} is no JPEG data URI`);
  return uri;
}
