import { Button, Label, ListBox, ListBoxItem, Popover, Select, SelectValue } from "react-aria-components";

import { Icon } from "./icons";

export type Option = { id: string; text: string };

type Given = { label: string; options: readonly Option[]; chosen: string; choose: (id: string) => void; disabled?: boolean };

/** A key of the list is never empty, as an option's id may be. */
const key = (id: string) => `=${id}`;

/** One of several. */
export function Choice({ label, options, chosen, choose, disabled = false }: Given) {
  return (
    <Select className="choice" isDisabled={disabled} value={key(chosen)} onChange={(chosen) => typeof chosen === "string" && choose(chosen.slice(1))}>
      <Label>{label}</Label>
      <Button className="button choice-button">
        <SelectValue className="choice-value" />
        <Icon name="chevron" />
      </Button>
      <Popover className="popover">
        <ListBox className="options" items={options}>
          {(option) => (
            <ListBoxItem className="option" id={key(option.id)} textValue={option.text}>
              <bdi>{option.text}</bdi>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}
