/** A text of an identity provider or a server: shown as theirs, as text, apart from Lanyard's own sentences. */
export function Theirs({ whom, text }: { whom: string; text: string }) {
  return (
    <figure className="theirs">
      <figcaption>{whom}</figcaption>
      <blockquote>
        <bdi>{text}</bdi>
      </blockquote>
    </figure>
  );
}
