/// What a `WWW-Authenticate: Bearer` header says (RFC 6750 §3, RFC 9728 §5.1, RFC 9470).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    /// `resource_metadata`.
    pub resource_metadata: Option<String>,
    /// `scope`.
    pub scopes: Option<Vec<String>>,
    /// `error`.
    pub error: Option<String>,
    /// `acr_values`.
    pub acr_values: Option<String>,
    /// `max_age`, seconds.
    pub max_age: Option<u64>,
}

impl Challenge {
    /// Reads the first Bearer (or DPoP) challenge of the header's text; what does not parse is left out.
    pub fn read(header: &str) -> Self {
        let mut challenge = Self::default();
        let mut rest = header.trim_start();
        while let Some((name, after)) = rest.split_once('=') {
            // A scheme stands before the first parameter: its last word is the parameter's name.
            let name = name.trim().rsplit([' ', '\t', ',']).next().unwrap_or_default().to_ascii_lowercase();
            let (value, next) = value(after.trim_start());
            challenge.take(&name, value);
            rest = next.trim_start().trim_start_matches(',');
        }
        challenge
    }

    fn take(&mut self, name: &str, value: String) {
        match name {
            "resource_metadata" => self.resource_metadata = self.resource_metadata.take().or(Some(value)),
            "scope" => self.scopes = self.scopes.take().or(Some(value.split_ascii_whitespace().map(str::to_owned).collect())),
            "error" => self.error = self.error.take().or(Some(value)),
            "acr_values" => self.acr_values = self.acr_values.take().or(Some(value)),
            "max_age" => self.max_age = self.max_age.or(value.parse().ok()),
            _ => {}
        }
    }
}

/// A token or a quoted string, and what follows it.
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        return (text[..end].to_owned(), &text[end..]);
    };
    let mut value = String::new();
    let mut escaped = false;
    for (index, c) in quoted.char_indices() {
        match c {
            _ if escaped => {
                value.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return (value, &quoted[index + 1..]),
            _ => value.push(c),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_read_as_servers_write_them() {
        let full = Challenge::read(
            r#"Bearer error="insufficient_scope", scope="read write", resource_metadata="https://mcp.example/.well-known/oauth-protected-resource/mcp", acr_values="phr", max_age=0"#,
        );
        assert_eq!(full.error.as_deref(), Some("insufficient_scope"));
        assert_eq!(full.scopes, Some(vec!["read".into(), "write".into()]));
        assert_eq!(full.resource_metadata.as_deref(), Some("https://mcp.example/.well-known/oauth-protected-resource/mcp"));
        assert_eq!((full.acr_values.as_deref(), full.max_age), (Some("phr"), Some(0)));
        assert_eq!(Challenge::read("Bearer"), Challenge::default());
        assert_eq!(Challenge::read(""), Challenge::default());
        assert_eq!(Challenge::read(r#"bearer realm="a \"b\", scope=x", SCOPE=y,error=e"#).scopes, Some(vec!["y".into()]));
        assert_eq!(Challenge::read(r#"Bearer scope="never closed"#).scopes, Some(vec!["never".into(), "closed".into()]));
    }

    proptest::proptest! {
        #[test]
        fn no_header_makes_reading_panic(text in "\\PC{0,200}") {
            let _ = Challenge::read(&text);
        }
    }
}
