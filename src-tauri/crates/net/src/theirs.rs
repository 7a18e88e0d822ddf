/// Text from an IdP or a server, made fit to be shown as theirs: at most `limit` characters, no control
/// or direction characters, nothing that looks like a token.
pub fn theirs(text: &str, limit: usize) -> String {
    let visible: String = text.chars().map(|c| if is_unsafe(c) { ' ' } else { c }).collect();
    let words: Vec<&str> =
        visible.split_whitespace().map(|word| if looks_like_a_token(word) { "[removed]" } else { word }).collect();
    let mut shown: String = words.join(" ").chars().take(limit).collect();
    if shown.chars().count() == limit {
        shown.pop();
        shown.push('…');
    }
    shown
}

fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

/// A JWT, or a run of 40 and more token characters without the punctuation of words and addresses.
fn looks_like_a_token(word: &str) -> bool {
    let jwt = word.contains("eyJ") && word.len() > 20;
    let run = word
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_' || c == '~' || c == '+' || c == '='))
        .any(|run| run.len() >= 40);
    jwt || run
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_bounded_and_harmless() {
        let table = [
            ("plain words", "plain words"),
            ("line\nbreak\x1b[31m", "line break [31m"),
            ("right\u{202e}left", "right left"),
            ("token eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln here", "token [removed] here"),
            ("key=0123456789012345678901234567890123456789", "[removed]"),
            ("https://idp.example/oauth2/v1/token is wrong", "https://idp.example/oauth2/v1/token is wrong"),
        ];
        for (text, expected) in table {
            assert_eq!(theirs(text, 200), expected);
        }
        assert_eq!(theirs(&"ab ".repeat(100), 10).chars().count(), 10);
    }
}
