//! The plain pages that a person sees: one style, no script, nothing from elsewhere.

use axum::response::{Html, IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}\
form{margin:1rem 0}label{display:block;margin:.5rem 0}input,select{font:inherit;padding:.3rem}\
button{font:inherit;padding:.4rem 1rem;margin-right:.5rem}table{border-collapse:collapse;width:100%}\
th,td{border:1px solid #999;padding:.3rem .5rem;text-align:left;vertical-align:top}\
td form{display:inline;margin:0}[role=alert]{border-left:.3rem solid #b00;padding:.2rem .8rem}code{word-break:break-all}";

/// A whole page; `body` is HTML whose variable parts went through [`escape`].
pub(crate) fn page(title: &str, body: &str) -> Response {
    let title = escape(title);
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head>\
         <body><main><h1>{title}</h1>{body}</main></body></html>"
    );
    let mut response = Html(html).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    );
    response
}

/// A page that says what went wrong.
pub(crate) fn trouble(status: StatusCode, title: &str, text: &str) -> Response {
    let mut response = page(title, &format!("<p role=\"alert\">{}</p>", escape(text)));
    *response.status_mut() = status;
    response
}

/// A sign-in form that posts to `action`.
pub(crate) fn sign_in_form(action: &str, request: &str, user: &str, problem: Option<&str>) -> String {
    let problem = problem.map_or_else(String::new, |text| format!("<p role=\"alert\">{}</p>", escape(text)));
    format!(
        "{problem}<form method=\"post\" action=\"{}\"><input type=\"hidden\" name=\"request\" value=\"{}\">\
         <label for=\"username\">User name</label><input id=\"username\" name=\"username\" value=\"{}\" \
         autocomplete=\"username\" required autofocus><label for=\"password\">Password</label>\
         <input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"current-password\">\
         <p><button name=\"choice\" value=\"continue\">Sign in</button>\
         <button name=\"choice\" value=\"cancel\" formnovalidate>Cancel</button></p></form>",
        escape(action),
        escape(request),
        escape(user),
    )
}

/// Text made safe to stand in HTML, in attributes too.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
