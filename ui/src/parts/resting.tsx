import { Button } from "react-aria-components";

import { useFace } from "../face";
import { useTask } from "../task";
import { Fault } from "./fault";

/** Says that no program gets access for now, and lets a person end the pause that a person began. */
export function Resting() {
  const { agent, status, words, formats } = useFace();
  const { paused, screen_locked: locked } = status.agent;
  const task = useTask(paused);
  if (!paused && !locked) return null;
  return (
    <section className="card notice" aria-label={words.account.access}>
      <p>{paused ? words.account.pausedWhat : words.account.lockedWhat}</p>
      {paused && (
        <div className="row">
          <Button className="button button-main" data-busy={task.busy || undefined} onPress={() => task.run(() => agent.resume())}>
            {words.account.resume}
          </Button>
        </div>
      )}
      {task.fault !== null && <Fault problem={task.fault} status={status} words={words} formats={formats} about="pause" alert />}
    </section>
  );
}
