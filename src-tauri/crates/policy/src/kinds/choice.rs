/// One word of a closed list, and what choosing it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word as it stands in policy.
    pub word: &'static str,
    /// What it means, for an administrator.
    pub meaning: &'static str,
}

/// An enum whose variants are words of policy.
pub(crate) trait Choice: Sized {
    fn from_word(word: &str) -> Option<Self>;
}

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal, $meaning:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $(#[doc = $meaning] $variant,)+
        }

        impl $name {
            /// Every word of it, as the catalogue lists them.
            pub const WORDS: &'static [Word] = &[$(Word { word: $word, meaning: $meaning }),+];

            /// The word that stands for it in policy.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl Choice for $name {
            fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

choice! {
    /// How a client proves itself at a token endpoint (OpenID Connect Core §9).
    ClientAuthentication {
        None = "none", "A public client: no proof beyond PKCE.";
        Basic = "client_secret_basic", "The secret in the Authorization header.";
        Post = "client_secret_post", "The secret in the request body.";
        PrivateKeyJwt = "private_key_jwt", "A short-lived statement signed with a private key (RFC 7523).";
    }
}

choice! {
    /// Whom a client's signed statement is addressed to (RFC 7523 §3).
    AssertionAudience {
        Auto = "auto", "The issuer; on `invalid_client` once the token endpoint, remembered.";
        Issuer = "issuer", "Always the issuer.";
        TokenEndpoint = "token-endpoint", "Always the token endpoint.";
    }
}

choice! {
    /// What is exchanged for an assertion.
    SubjectTokenKind {
        Auto = "auto", "What the identity provider supports.";
        IdToken = "id_token", "Always the ID token.";
        RefreshToken = "refresh_token", "Always the refresh token.";
    }
}

choice! {
    /// The `prompt` of the authorization request (OpenID Connect Core §3.1.2.1).
    Prompt {
        Login = "login", "Ask for the credentials again, even within an open browser session.";
        Consent = "consent", "Ask for consent again.";
        SelectAccount = "select_account", "Let the person choose the account.";
    }
}

choice! {
    /// The host of the redirect address.
    RedirectHost {
        Ipv4 = "127.0.0.1", "The address, as RFC 8252 §7.3 recommends.";
        Localhost = "localhost", "The name, for identity providers that register only it.";
    }
}

choice! {
    /// Whether the browser opens without a click.
    AutoSignIn {
        Off = "off", "The browser opens only when the person asks.";
        AtLogOn = "at-log-on", "The browser opens once for each log-on when nobody is signed in.";
    }
}

choice! {
    /// What happens when the screen is locked.
    OnScreenLock {
        Keep = "keep", "Nothing: tokens are served on.";
        PauseServing = "pause-serving", "Doors are closed until the screen is unlocked; tokens are kept.";
        WipeCache = "wipe-cache", "Doors are closed and cached tokens are wiped.";
    }
}

choice! {
    /// Where the vault's key rests when the system has no keychain.
    VaultFallback {
        MemoryOnly = "memory-only", "Nowhere: the person signs in again after each restart.";
        MachineKeyFile = "machine-key-file", "In a file that only the person can read, bound to the machine.";
    }
}

choice! {
    /// Where audit events go.
    Sink {
        System = "system", "The system's own log.";
        File = "file", "A file of JSON lines.";
        Otlp = "otlp", "A collector, over OTLP and HTTP.";
    }
}

choice! {
    /// How audit events name the employee.
    AuditIdentity {
        Name = "name", "By account name.";
        SubjectHash = "subject-hash", "By a hash of the subject, which the identity provider's records can resolve.";
    }
}

choice! {
    /// How much is logged.
    LogLevel {
        Error = "error", "Failures only.";
        Warn = "warn", "Failures and what may become one.";
        Info = "info", "Each change of state.";
        Debug = "debug", "Each step, for support.";
        Trace = "trace", "Everything, for developers.";
    }
}

choice! {
    /// How the proxy is found.
    ProxyMode {
        System = "system", "As the system and its environment say.";
        None = "none", "No proxy at all.";
        Fixed = "fixed", "The one in ProxyUrl.";
    }
}

choice! {
    /// How a server's token is obtained.
    Route {
        IdJag = "id-jag", "Silently, by an assertion of the identity provider.";
        Interactive = "interactive", "By ordinary OAuth in the browser.";
        None = "none", "Not at all: the server needs no authorization.";
    }
}

choice! {
    /// Whether a parameter is sent when the assertion is redeemed.
    Send {
        Auto = "auto", "As the authorization server's product needs it.";
        Always = "always", "Always.";
        Never = "never", "Never.";
    }
}

choice! {
    /// Whether one assertion is redeemed more than once.
    AssertionReuse {
        Never = "never", "A new assertion for each token.";
        UntilExpiry = "until-expiry", "The same assertion until it expires.";
    }
}
