import { setting, useFace } from "../face";
import { Icon } from "./icons";

/** A small mark that something is the organisation's to decide, and where it decided. */
export function Managed({ name }: { name?: string }) {
  const { policy, status, words, formats } = useFace();
  const row = name === undefined ? undefined : policy?.settings.find((row) => row.name === name);
  const origins = row !== undefined && row.origin !== "default" ? [row.origin] : status.policy.origins;
  if (origins.length === 0) return null;
  const label = status.policy.managed ? words.managed.by(setting(policy, "OrganisationName") ?? words.managed.organisation) : words.managed.notManaged;
  return (
    <span className="managed">
      <Icon name="building" />
      <span>
        <bdi>{label}</bdi>
        <bdi>{words.managed.from(formats.list(origins))}</bdi>
      </span>
    </span>
  );
}
