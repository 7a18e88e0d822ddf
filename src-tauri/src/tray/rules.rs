use serde::Deserialize;
use serde_json::Value;

/// What policy lets people see and do at the tray. Before policy was read: nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rules {
    /// `AllowQuit`.
    pub(crate) allow_quit: bool,
    /// `AllowSignOut`.
    pub(crate) allow_sign_out: bool,
    /// `ShowNotifications`.
    pub(crate) show_notifications: bool,
    /// `OrganisationName`.
    pub(crate) organisation: Option<String>,
    /// `SupportUrl`.
    pub(crate) support_url: Option<String>,
    /// `SupportContact`.
    pub(crate) support_contact: Option<String>,
}

/// As much of `GET /v1/policy` as is needed here.
#[derive(Deserialize)]
pub(crate) struct Report {
    settings: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    #[serde(default)]
    value: Value,
}

impl Rules {
    /// What this policy says.
    pub(crate) fn of(report: &Report) -> Self {
        let value = |name: &str| report.settings.iter().find(|row| row.name == name).map(|row| &row.value);
        let yes = |name: &str| value(name).and_then(Value::as_bool).unwrap_or(false);
        let text = |name: &str| value(name).and_then(Value::as_str).map(str::to_owned);
        Self {
            allow_quit: yes("AllowQuit"),
            allow_sign_out: yes("AllowSignOut"),
            show_notifications: yes("ShowNotifications"),
            organisation: text("OrganisationName"),
            support_url: text("SupportUrl"),
            support_contact: text("SupportContact"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(settings: Value) -> Rules {
        Rules::of(&serde_json::from_value(json!({ "managed": true, "settings": settings })).unwrap())
    }

    #[test]
    fn what_policy_says_is_read_and_every_doubt_is_no() {
        assert_eq!(read(json!([])), Rules::default());
        let odd =
            json!([{"name": "AllowQuit", "value": "true"}, {"name": "AllowSignOut"}, {"name": "SupportUrl", "value": null}]);
        assert_eq!(read(odd), Rules::default());
        let full = json!([
            {"name": "AllowQuit", "value": true, "origin": "default"},
            {"name": "AllowSignOut", "value": true},
            {"name": "ShowNotifications", "value": true},
            {"name": "OrganisationName", "value": "Acme"},
            {"name": "SupportUrl", "value": "https://help.acme.example/"},
            {"name": "SupportContact", "value": "#it-help"},
        ]);
        let rules = Rules {
            allow_quit: true,
            allow_sign_out: true,
            show_notifications: true,
            organisation: Some("Acme".into()),
            support_url: Some("https://help.acme.example/".into()),
            support_contact: Some("#it-help".into()),
        };
        assert_eq!(read(full), rules);
    }
}
