//! The administrative template by the rules that consoles hold it to (Microsoft, `ADMX syntax`): what one of them would
//! refuse, or show without words, fails here.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends")]

use std::collections::BTreeSet;

use lanyard_admin::admx::{adml, admx};
use lanyard_admin::words::Language;
use policy::catalogue::settings;
use policy::kinds::Kind;
use policy::layer::Scope;
use roxmltree::{Document, Node};

const SPACE: &str = "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions";

/// What is wrong with a template and its words.
fn faults(admx: &str, adml: &str) -> Vec<String> {
    let (template, words) = (Document::parse(admx).unwrap(), Document::parse(adml).unwrap());
    let (template, words) = (template.root_element(), words.root_element());
    let mut faults = Vec::new();
    for (node, name) in [(template, "policyDefinitions"), (words, "policyDefinitionResources")] {
        if node.tag_name().name() != name || node.tag_name().namespace() != Some(SPACE) {
            faults.push(format!("the root is not {name}"));
        }
    }
    let ids = |root: Node<'_, '_>, tag: &str, attribute: &str| {
        let nodes = root.descendants().filter(|node| node.tag_name().name() == tag);
        nodes.map(|node| node.attribute(attribute).unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    for (root, tag, attribute) in [
        (template, "policy", "name"),
        (template, "category", "name"),
        (template, "definition", "name"),
        (words, "string", "id"),
        (words, "presentation", "id"),
    ] {
        let mut seen = BTreeSet::new();
        for id in ids(root, tag, attribute) {
            let legal =
                id.starts_with(|c: char| c.is_ascii_alphabetic()) && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if !legal || !seen.insert(id.clone()) {
                faults.push(format!("the {tag} {id} is twice there or no name"));
            }
        }
    }
    let strings: BTreeSet<String> = ids(words, "string", "id").into_iter().collect();
    let presentations: BTreeSet<String> = ids(words, "presentation", "id").into_iter().collect();
    let mut used = BTreeSet::new();
    for attribute in template.descendants().flat_map(|node| node.attributes()) {
        let named = |mark: &str| attribute.value().strip_prefix(mark).and_then(|rest| rest.strip_suffix(')')).map(str::to_owned);
        if let Some(name) = named("$(string.") {
            if !strings.contains(&name) {
                faults.push(format!("no words for {name}"));
            }
            used.insert(name);
        } else if let Some(name) = named("$(presentation.")
            && !presentations.contains(&name)
        {
            faults.push(format!("no presentation {name}"));
        } else if ["displayName", "explainText"].contains(&attribute.name()) && !attribute.value().starts_with('$') {
            faults.push(format!("words in the template: {}", attribute.value()));
        }
    }
    faults.extend(strings.difference(&used).map(|name| format!("the words {name} are shown nowhere")));
    let categories: BTreeSet<String> = ids(template, "category", "name").into_iter().collect();
    let supported: BTreeSet<String> = ids(template, "definition", "name").into_iter().collect();
    for policy in template.descendants().filter(|node| node.tag_name().name() == "policy") {
        faults.extend(of_policy(policy, words, &categories, &supported));
    }
    faults
}

fn child<'t, 'i>(node: Node<'t, 'i>, name: &str) -> Option<Node<'t, 'i>> {
    node.children().find(|child| child.tag_name().name() == name)
}

fn of_policy(
    policy: Node<'_, '_>,
    words: Node<'_, '_>,
    categories: &BTreeSet<String>,
    supported: &BTreeSet<String>,
) -> Vec<String> {
    let name = policy.attribute("name").unwrap_or_default();
    let mut faults = Vec::new();
    let mut must = |good: bool, what: &str| {
        if !good {
            faults.push(format!("{name}: {what}"));
        }
    };
    let refers = |tag: &str, known: &BTreeSet<String>| {
        child(policy, tag).and_then(|node| node.attribute("ref")).is_some_and(|name| known.contains(name))
    };
    must(matches!(policy.attribute("class"), Some("Machine" | "User" | "Both")), "no class");
    must(
        policy.attribute("key").is_some_and(|key| !key.starts_with("HK") && key.starts_with(r"SOFTWARE\Policies\")),
        "no key of policies",
    );
    must(refers("parentCategory", categories), "no category");
    must(refers("supportedOn", supported), "no version");
    let order: Vec<&str> = policy.children().filter(Node::is_element).map(|node| node.tag_name().name()).collect();
    let expected = ["parentCategory", "supportedOn", "enabledValue", "disabledValue", "elements"];
    must(
        order
            .windows(2)
            .all(|pair| expected.iter().position(|one| *one == pair[0]) < expected.iter().position(|one| *one == pair[1])),
        "wrong order",
    );
    let Some(elements) = child(policy, "elements") else {
        must(
            policy.attribute("valueName").is_some() && order.contains(&"enabledValue") && order.contains(&"disabledValue"),
            "a switch without its values",
        );
        return faults;
    };
    let own: Vec<Node<'_, '_>> = elements.children().filter(Node::is_element).collect();
    let presentation =
        words.descendants().find(|node| node.tag_name().name() == "presentation" && node.attribute("id") == Some(name));
    let controls: BTreeSet<&str> =
        presentation.map(|node| node.children().filter_map(|control| control.attribute("refId")).collect()).unwrap_or_default();
    must(
        !own.is_empty() && own.iter().all(|element| element.attribute("id").is_some_and(|id| controls.contains(id))),
        "an element without a control",
    );
    must(controls.len() == own.len(), "a control without an element");
    for element in own {
        let kind = element.tag_name().name();
        let number = |attribute: &str| element.attribute(attribute).and_then(|text| text.parse::<u64>().ok());
        must(
            ["text", "multiText", "decimal", "enum", "list", "boolean", "longDecimal"].contains(&kind),
            "an element that is none",
        );
        must(kind == "list" || element.attribute("valueName").is_some(), "no name of the value");
        must(
            !matches!(kind, "text" | "multiText") || number("maxLength").is_some_and(|max| (1..1000).contains(&max)),
            "a text that consoles cut",
        );
        must(
            kind != "decimal" || number("minValue") < number("maxValue") && number("maxValue") <= Some(u64::from(u32::MAX)),
            "no range",
        );
        must(kind != "enum" || element.children().filter(Node::is_element).count() > 1, "no choice");
        must(
            kind != "list"
                || element.attribute("key").is_some()
                    && (element.attribute("valuePrefix").is_some() != element.attribute("explicitValue").is_some()),
            "a list without its names",
        );
    }
    faults
}

#[test]
fn consoles_can_show_the_template_in_every_language() {
    for language in Language::ALL {
        assert_eq!(faults(&admx(), &adml(language)), Vec::<String>::new(), "{}", language.tag());
    }
}

#[test]
fn every_setting_is_in_the_template_for_whom_it_is() {
    let text = admx();
    let template = Document::parse(&text).unwrap();
    for setting in settings() {
        let policy = template
            .descendants()
            .find(|node| node.tag_name().name() == "policy" && node.attribute("name") == Some(setting.name));
        let policy = policy.unwrap_or_else(|| panic!("{} is missing", setting.name));
        let class = if setting.scope == Scope::User { "Both" } else { "Machine" };
        assert_eq!(policy.attribute("class"), Some(class), "{}", setting.name);
        assert_eq!(child(policy, "elements").is_none(), setting.kind == Kind::YesNo, "{}", setting.name);
    }
}

#[test]
fn the_rules_find_what_consoles_would_refuse() {
    let (template, words) = (admx(), adml(Language::English));
    for (from, to) in [
        ("<policy name=\"ClientId\"", "<policy name=\"Issuer\""),
        ("$(string.ClientId)", "$(string.Nothing)"),
        ("$(presentation.ClientId)", "$(presentation.Nothing)"),
        ("<parentCategory ref=\"Identity\" />", "<parentCategory ref=\"Nothing\" />"),
        ("<supportedOn ref=\"SINCE_0_1\" />", ""),
        ("maxLength=\"512\"", "maxLength=\"5000\""),
        ("class=\"Machine\"", "class=\"Computer\""),
        ("minValue=\"60\"", "minValue=\"600000\""),
        (" valuePrefix=\"\"", ""),
    ] {
        let broken = template.replacen(from, to, 1);
        assert_ne!(broken, template, "{from} is not there");
        assert!(!faults(&broken, &words).is_empty(), "{from} -> {to}");
    }
    let broken = words.replacen("refId=\"ClientId\"", "refId=\"Issuer\"", 1);
    assert!(!faults(&template, &broken).is_empty());
}
