// What was sent on each stream of a session, so that a client that lost one gets the rest.
export class Events {
  #sent = [];

  async storeEvent(stream, message) {
    this.#sent.push({ stream, message });
    return `${stream}_${this.#sent.length}`;
  }

  async getStreamIdForEventId(id) {
    return id.slice(0, id.lastIndexOf('_'));
  }

  async replayEventsAfter(id, { send }) {
    const stream = await this.getStreamIdForEventId(id);
    const seen = Number(id.slice(stream.length + 1));
    for (const [index, event] of this.#sent.entries()) {
      // The first event of a stream carries no message: it only says where the stream begins.
      if (index >= seen && event.stream === stream && Object.keys(event.message).length) await send(`${stream}_${index + 1}`, event.message);
    }
    return stream;
  }
}
