//! A person at a browser: walks sign-in pages with a cookie jar and follows the redirect to the agent.

use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Response};
use url::Url;

/// Where a walk ended.
#[derive(Clone, Debug)]
pub struct Landing {
    /// The last address; after a sign-in the redirect with `code` or `error`.
    pub url: String,
    /// HTTP status of the last page; 0 where the redirect was not fetched.
    pub status: u16,
    /// The last page's text.
    pub page: String,
}

/// What kept a walk from ending.
#[derive(Debug, thiserror::Error)]
pub enum Lost {
    /// A page could not be fetched.
    #[error("fetching a page")]
    Fetch(#[from] reqwest::Error),
    /// An address could not be read.
    #[error("reading an address")]
    Address(#[from] url::ParseError),
    /// The walk went in circles.
    #[error("no end after 12 pages, last at {0}")]
    Circle(String),
}

/// A browser that keeps its cookies from one sign-in to the next.
#[derive(Clone, Debug)]
pub struct Browser(Client);

impl Browser {
    /// A browser with an empty jar that trusts `ca_pem` besides nothing, where given.
    ///
    /// # Panics
    /// When `ca_pem` is not a certificate.
    pub fn new(ca_pem: Option<&str>) -> Self {
        Self(crate::world::http(ca_pem, true))
    }

    /// Signs in and fetches the agent's redirect address.
    ///
    /// # Errors
    /// [`Lost`] when a page cannot be fetched.
    pub async fn sign_in(&self, authorization_url: &str, user: &str, password: &str) -> Result<Landing, Lost> {
        self.walk(authorization_url, user, password, "continue", true).await
    }

    /// Signs in and returns the redirect address without fetching it, for `--paste`.
    ///
    /// # Errors
    /// [`Lost`] when a page cannot be fetched.
    pub async fn sign_in_for_paste(&self, authorization_url: &str, user: &str, password: &str) -> Result<String, Lost> {
        Ok(self.walk(authorization_url, user, password, "continue", false).await?.url)
    }

    /// Presses Cancel on the sign-in page and follows the redirect.
    ///
    /// # Errors
    /// [`Lost`] when a page cannot be fetched.
    pub async fn cancel(&self, authorization_url: &str) -> Result<Landing, Lost> {
        self.walk(authorization_url, "", "", "cancel", true).await
    }

    async fn walk(&self, start: &str, user: &str, password: &str, choice: &str, fetch: bool) -> Result<Landing, Lost> {
        let mut here = Url::parse(start)?;
        let callback = here.query_pairs().find(|(name, _)| name == "redirect_uri").map(|(_, uri)| uri.into_owned());
        let mut response = self.0.get(here.clone()).send().await?;
        let mut sent = false;
        for _ in 0..12 {
            if let Some(to) = location(&response) {
                here = here.join(&to)?;
                let home = callback.as_deref().is_some_and(|uri| here.as_str().starts_with(uri));
                if home && !fetch {
                    return Ok(Landing { url: here.into(), status: 0, page: String::new() });
                }
                response = self.0.get(here.clone()).send().await?;
                if !home {
                    continue;
                }
            }
            let status = response.status().as_u16();
            let page = response.text().await?;
            let refused = sent && page.contains("role=\"alert\"");
            let Some(form) = Form::find(&page).filter(|_| status == 200 && !refused) else {
                return Ok(Landing { url: here.into(), status, page });
            };
            here = here.join(&form.action)?;
            sent = true;
            response = self.0.post(here.clone()).form(&form.filled(user, password, choice)).send().await?;
        }
        Err(Lost::Circle(here.into()))
    }
}

/// Signs in with a fresh browser and fetches the agent's redirect address.
///
/// # Errors
/// [`Lost`] when a page cannot be fetched.
pub async fn sign_in(authorization_url: &str, user: &str, password: &str) -> Result<Landing, Lost> {
    Browser::new(None).sign_in(authorization_url, user, password).await
}

/// Signs in with a fresh browser and returns the redirect address without fetching it.
///
/// # Errors
/// [`Lost`] when a page cannot be fetched.
pub async fn sign_in_for_paste(authorization_url: &str, user: &str, password: &str) -> Result<String, Lost> {
    Browser::new(None).sign_in_for_paste(authorization_url, user, password).await
}

pub(crate) fn client(ca_pem: Option<&str>, jar: bool) -> reqwest::Result<Client> {
    let builder = Client::builder().redirect(Policy::none()).cookie_store(jar).no_proxy();
    let builder = builder.resolve(crate::world::HOST, std::net::SocketAddr::from(([127, 0, 0, 1], 0)));
    match ca_pem {
        Some(pem) => builder.tls_certs_only([Certificate::from_pem(pem.as_bytes())?]).build(),
        None => builder.tls_certs_only([]).build(),
    }
}

fn location(response: &Response) -> Option<String> {
    let to = response.headers().get("location").filter(|_| response.status().is_redirection())?;
    to.to_str().ok().map(str::to_owned)
}

/// The first form of a page.
struct Form {
    action: String,
    fields: Vec<(String, String)>,
}

impl Form {
    fn find(page: &str) -> Option<Self> {
        let (_, rest) = page.split_once("<form ")?;
        let (form, _) = rest.split_once("</form>")?;
        let action = attribute(form, "action")?;
        let fields = form.split("<input ").skip(1).filter_map(|input| {
            let input = input.split('>').next()?;
            Some((attribute(input, "name")?, attribute(input, "value").unwrap_or_default()))
        });
        Some(Self { action, fields: fields.collect() })
    }

    fn filled(mut self, user: &str, password: &str, choice: &str) -> Vec<(String, String)> {
        for (name, value) in &mut self.fields {
            match name.as_str() {
                "username" => *value = user.to_owned(),
                "password" => *value = password.to_owned(),
                _ => {}
            }
        }
        self.fields.push(("choice".into(), choice.into()));
        self.fields
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!("{name}=\""))?;
    let (value, _) = rest.split_once('"')?;
    Some(value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&"))
}
