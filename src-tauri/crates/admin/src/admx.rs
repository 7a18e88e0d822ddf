//! The administrative template: structure without words (Microsoft, `ADMX schema`), and the words of each language (ADML).

use policy::catalogue::{GROUPS, Setting, settings};
use policy::kinds::{Kind, Word};
use policy::layer::Scope;

use crate::export::category;
use crate::words::{Language, Words};
use crate::xml::escaped;

/// The namespace of our own.
pub const NAMESPACE: &str = "Lanyard.Policies";
const KEY: &str = r"SOFTWARE\Policies\Lanyard";
/// Consoles cut longer texts.
const LONGEST: usize = 999;

/// `Lanyard.admx`.
pub fn admx() -> String {
    let mut versions: Vec<&str> = settings().map(|setting| setting.since).collect();
    versions.dedup();
    let definitions = lines(versions.iter().map(|since| {
        let name = since_name(since);
        format!("      <definition name=\"{name}\" displayName=\"$(string.{name})\" />")
    }));
    let categories = lines(GROUPS.iter().map(|group| {
        let name = category(*group);
        format!(
            "    <category name=\"{name}\" displayName=\"$(string.Category_{name})\">\n      <parentCategory ref=\"Lanyard\" />\n    </category>"
        )
    }));
    let policies = lines(settings().map(policy));
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <policyDefinitions xmlns=\"http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions\" revision=\"1.0\" schemaVersion=\"1.0\">\n\
         \x20 <policyNamespaces>\n    <target prefix=\"lanyard\" namespace=\"{NAMESPACE}\" />\n  </policyNamespaces>\n\
         \x20 <resources minRequiredRevision=\"1.0\" />\n\
         \x20 <supportedOn>\n    <definitions>\n{definitions}\n    </definitions>\n  </supportedOn>\n\
         \x20 <categories>\n    <category name=\"Lanyard\" displayName=\"$(string.Category_Lanyard)\" explainText=\"$(string.Category_Lanyard_Help)\" />\n\
         {categories}\n  </categories>\n\
         \x20 <policies>\n{policies}\n  </policies>\n</policyDefinitions>\n"
    )
}

fn lines(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join("\n")
}

fn since_name(since: &str) -> String {
    format!("SINCE_{}", since.replace('.', "_"))
}

fn policy(setting: &Setting) -> String {
    let name = setting.name;
    let class = if setting.scope == Scope::User { "Both" } else { "Machine" };
    let common = format!(
        "    <policy name=\"{name}\" class=\"{class}\" displayName=\"$(string.{name})\" explainText=\"$(string.{name}_Help)\" key=\"{KEY}\""
    );
    let place = format!(
        "      <parentCategory ref=\"{}\" />\n      <supportedOn ref=\"{}\" />",
        category(setting.group),
        since_name(setting.since)
    );
    match element(setting) {
        None => format!(
            "{common} valueName=\"{name}\">\n{place}\n      <enabledValue>\n        <decimal value=\"1\" />\n      </enabledValue>\n      \
             <disabledValue>\n        <decimal value=\"0\" />\n      </disabledValue>\n    </policy>"
        ),
        Some(element) => format!(
            "{common} presentation=\"$(presentation.{name})\">\n{place}\n      <elements>\n        {element}\n      </elements>\n    </policy>"
        ),
    }
}

/// What is entered; nothing for a switch.
fn element(setting: &Setting) -> Option<String> {
    let name = setting.name;
    let text = |max: usize, more: &str| {
        format!("<text id=\"{name}\" valueName=\"{name}\" required=\"true\" maxLength=\"{}\"{more} />", max.min(LONGEST))
    };
    Some(match setting.kind {
        Kind::YesNo => return None,
        Kind::Number { min, max, zero } => {
            let min = if zero { 0 } else { min };
            format!("<decimal id=\"{name}\" valueName=\"{name}\" required=\"true\" minValue=\"{min}\" maxValue=\"{max}\" />")
        }
        Kind::Choice(words) => {
            let items = lines(words.iter().map(|word| {
                let string = word_string(name, word);
                format!(
                    "          <item displayName=\"$(string.{string})\">\n            <value>\n              <string>{}</string>\n            </value>\n          </item>",
                    word.word
                )
            }));
            format!("<enum id=\"{name}\" valueName=\"{name}\" required=\"true\">\n{items}\n        </enum>")
        }
        Kind::Path => text(LONGEST, " expandable=\"true\""),
        Kind::Text { max } => text(max, ""),
        Kind::List { .. } => format!("<list id=\"{name}\" key=\"{KEY}\\{name}\" valuePrefix=\"\" />"),
        Kind::Servers => format!("<list id=\"{name}\" key=\"{KEY}\\{name}\" explicitValue=\"true\" />"),
        Kind::ServersText => {
            format!("<multiText id=\"{name}\" valueName=\"{name}\" required=\"true\" maxLength=\"{LONGEST}\" maxStrings=\"0\" />")
        }
        Kind::Hint | Kind::Secret | Kind::Url(_) | Kind::Tools | Kind::Programs => text(LONGEST, ""),
    })
}

fn word_string(name: &str, word: &Word) -> String {
    format!("{name}_{}", word.word.replace(['-', '.'], "_"))
}

/// `Lanyard.adml` of a language.
pub fn adml(language: Language) -> String {
    let around = language.around();
    let mut strings = vec![
        ("Category_Lanyard".to_owned(), "Lanyard".to_owned()),
        ("Category_Lanyard_Help".to_owned(), around.about.to_owned()),
    ];
    strings.extend(GROUPS.iter().map(|group| (format!("Category_{}", category(*group)), language.group(*group).to_owned())));
    let mut versions: Vec<&str> = settings().map(|setting| setting.since).collect();
    versions.dedup();
    strings.extend(versions.into_iter().map(|since| (since_name(since), format!("{} {since}", around.since))));
    for setting in settings() {
        let words = language.of(setting);
        strings.push((setting.name.to_owned(), format!("{}: {}", setting.name, words.summary.trim_end_matches('.'))));
        strings.push((format!("{}_Help", setting.name), help(setting, &words, language)));
        if let Kind::Choice(choices) = setting.kind {
            // The words of policy are the same everywhere; what they mean stands in the explanation.
            strings.extend(choices.iter().map(|word| (word_string(setting.name, word), word.word.to_owned())));
        }
    }
    let strings = lines(strings.into_iter().map(|(id, text)| format!("      <string id=\"{id}\">{}</string>", escaped(&text))));
    let presentations = lines(settings().filter_map(|setting| presentation(setting, language)));
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <policyDefinitionResources xmlns=\"http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions\" revision=\"1.0\" schemaVersion=\"1.0\">\n\
         \x20 <displayName>Lanyard</displayName>\n  <description>{}</description>\n\
         \x20 <resources>\n    <stringTable>\n{strings}\n    </stringTable>\n    <presentationTable>\n{presentations}\n    </presentationTable>\n  </resources>\n\
         </policyDefinitionResources>\n",
        escaped(around.about)
    )
}

/// What an administrator reads, in the order in which they ask.
fn help(setting: &Setting, words: &Words, language: Language) -> String {
    let around = language.around();
    let disabled = if setting.kind == Kind::YesNo { around.disabled_switch } else { around.disabled };
    let value = match setting.kind {
        Kind::YesNo => "REG_DWORD 0, 1",
        Kind::Number { .. } => "REG_DWORD",
        Kind::List { .. } => "REG_SZ 1, 2, 3, …",
        Kind::Servers => "REG_SZ, JSON",
        Kind::ServersText => "REG_MULTI_SZ",
        Kind::Path => "REG_EXPAND_SZ",
        _ => "REG_SZ",
    };
    let choices = match setting.kind {
        Kind::Choice(choices) => {
            let listed: String = choices.iter().map(|word| format!("\n- {}: {}", word.word, word.meaning)).collect();
            format!("{listed}\n")
        }
        _ => String::new(),
    };
    format!(
        "{} {}\n{choices}\n{}\n{disabled}\n{} {}\n\n{} {}\n{} {} ({})\n{} {value}, {KEY}\\{}",
        words.summary,
        words.explanation,
        around.enabled,
        around.absent,
        words.absent,
        around.example,
        setting.example,
        around.known_since,
        setting.since,
        setting.group.title(),
        around.registry,
        setting.name
    )
}

fn presentation(setting: &Setting, language: Language) -> Option<String> {
    let name = setting.name;
    let label = escaped(language.of(setting).summary);
    let default = setting.default.unwrap_or_default().trim_matches('"');
    let inside = match setting.kind {
        Kind::YesNo => return None,
        Kind::Number { min, .. } => {
            let default = default.parse::<u32>().unwrap_or(min);
            format!("<decimalTextBox refId=\"{name}\" defaultValue=\"{default}\">{label}</decimalTextBox>")
        }
        Kind::Choice(words) => {
            let item = words.iter().position(|word| word.word == default).unwrap_or_default();
            format!("<dropdownList refId=\"{name}\" noSort=\"true\" defaultItem=\"{item}\">{label}</dropdownList>")
        }
        Kind::List { .. } | Kind::Servers => format!("<listBox refId=\"{name}\">{label}</listBox>"),
        Kind::ServersText => format!("<multiTextBox refId=\"{name}\">{label}</multiTextBox>"),
        _ => format!("<textBox refId=\"{name}\">\n          <label>{label}</label>\n        </textBox>"),
    };
    Some(format!("      <presentation id=\"{name}\">\n        {inside}\n      </presentation>"))
}
