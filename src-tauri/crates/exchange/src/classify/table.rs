use super::Action::{
    DefaultScopes, Gone, OlderTokenType, OmitResource, OmitScope, OtherAudience, OtherSubject, Rediscover, Refresh, Remint,
    StepUp as AskStepUp, Stop,
};
use super::Leg::{Exchange, Redeem};
use super::Meaning::{IdpRefused, Misconfigured, NotSupported, Scope, ServerRefused, SignIn, StepUp};
use super::Who::{App, Idp, Person, Policy};
use super::{Action, Leg, Meaning, NO_ENDPOINT, Row, Who};

const fn row(
    leg: Leg,
    codes: &'static [&'static str],
    fragments: &'static [&'static str],
    (first, then): (Action, Action),
    (meaning, who): (Meaning, Who),
    hint: &'static str,
) -> Row {
    Row { leg, codes, fragments, first, then, meaning, who, hint, network: false }
}

const fn by_network(row: Row) -> Row {
    Row { network: true, ..row }
}

pub(super) static UNKNOWN_AT_IDP: Row = row(
    Exchange,
    &[],
    &[],
    (Stop, Stop),
    (IdpRefused, Idp),
    "The identity provider refused without a reason that is known here.",
);
pub(super) static UNKNOWN_AT_AS: Row = row(
    Redeem,
    &[],
    &[],
    (Stop, Stop),
    (ServerRefused, App),
    "The server's authorization server refused without a reason that is known here.",
);

#[rustfmt::skip]
pub(super) static ROWS: &[Row] = &[
    // Leg 2: the identity provider's token exchange.
    row(Exchange, &["invalid_grant"], &["session", "expired"], (Refresh, Gone), (SignIn, Person), "The sign-in at the identity provider has ended."),
    row(Exchange, &["invalid_grant"], &["must be issued to the client"], (Gone, Stop), (Misconfigured, Policy), "The sign-in belongs to another client id than the one in policy."),
    row(Exchange, &["invalid_grant"], &["assurance requirements"], (AskStepUp, Stop), (StepUp, Person), "The identity provider wants a stronger sign-in."),
    row(Exchange, &["invalid_grant"], &["sku is not enabled", "account executive"], (Stop, Stop), (Misconfigured, Idp), "The identity provider's licence does not include Cross App Access."),
    row(Exchange, &["invalid_grant"], &["refresh token"], (Refresh, Gone), (SignIn, Person), "The identity provider no longer accepts the sign-in."),
    row(Exchange, &["invalid_grant"], &[], (Refresh, Stop), (IdpRefused, Idp), "The identity provider does not accept the sign-in for this server."),
    row(Exchange, &["invalid_request"], &["no longer active"], (Gone, Stop), (SignIn, Person), "The sign-in at the identity provider has ended."),
    row(Exchange, &["invalid_request"], &["user account is not active"], (Gone, Stop), (SignIn, Idp), "The identity provider says that the account is not active."),
    row(Exchange, &["invalid_request"], &["not assigned"], (Stop, Stop), (IdpRefused, Idp), "The account is not assigned to Lanyard's application at the identity provider."),
    row(Exchange, &["invalid_request"], &["no delegation policy", "not registered for delegation", "issuer is not allowed", "not active"], (Stop, Stop), (Misconfigured, Idp), "Lanyard's application is not linked to this server's application at the identity provider."),
    row(Exchange, &["invalid_request"], &["requested_token_type", "requested token type"], (OlderTokenType, Stop), (Misconfigured, Idp), "The identity provider does not issue ID-JAGs here; with Okta, the issuer must be the org's own and not a custom authorization server."),
    row(Exchange, &["invalid_request"], &["subject_token_type", "subject token type"], (OtherSubject, Stop), (Misconfigured, Idp), "The identity provider does not take this kind of subject token; see the setting SubjectToken."),
    row(Exchange, &["invalid_request"], &[], (Refresh, Stop), (Misconfigured, Idp), "The identity provider did not accept the exchange."),
    row(Exchange, &["invalid_target"], &["not completely configured or user is not assigned", "not assigned"], (Stop, Stop), (IdpRefused, Idp), "The identity provider does not give this account access to the server."),
    row(Exchange, &["invalid_target"], &["resource"], (Stop, Stop), (Misconfigured, Idp), "The identity provider does not know this resource; the connection to the server must list it, byte for byte."),
    row(Exchange, &["invalid_target"], &[], (Stop, Stop), (Misconfigured, Idp), "The identity provider does not know this audience; it must be entered there byte for byte, its trailing slash included."),
    by_network(row(Exchange, &["access_denied"], &["network zone"], (Stop, Stop), (IdpRefused, Idp), "The identity provider allows this only from the company's network. Connect to it, then try again.")),
    row(Exchange, &["access_denied"], &["re-authenticate", "reauthenticate"], (AskStepUp, Stop), (StepUp, Person), "The identity provider wants a fresh sign-in."),
    row(Exchange, &["access_denied"], &["trusted authorization server"], (Stop, Stop), (Misconfigured, Idp), "The identity provider does not trust the server's authorization server."),
    row(Exchange, &["access_denied"], &["scope"], (DefaultScopes, Stop), (Scope, Idp), "The identity provider allows none of the scopes that were asked for."),
    row(Exchange, &["access_denied"], &[], (Stop, Stop), (IdpRefused, Idp), "The identity provider's access policy says no to this account."),
    row(Exchange, &["invalid_scope"], &[], (DefaultScopes, Stop), (Scope, Idp), "The identity provider refuses a scope; every scope must be in the list of the connection to the server."),
    row(Exchange, &["unauthorized_client"], &["scope not permitted"], (DefaultScopes, Stop), (Scope, Idp), "The identity provider refuses a scope; every scope must be in the list of the connection to the server."),
    row(Exchange, &["unauthorized_client"], &[], (Stop, Stop), (Misconfigured, Idp), "Token exchange is not enabled for Lanyard's client at the identity provider, or it wants a confidential client."),
    row(Exchange, &["insufficient_user_authentication"], &[], (AskStepUp, Stop), (StepUp, Person), "The identity provider wants a stronger sign-in for this server."),
    row(Exchange, &["interaction_required", "consent_required", "login_required"], &[], (AskStepUp, Stop), (StepUp, Person), "The identity provider wants the person to do something on its own pages."),
    row(Exchange, &["insufficient_claims"], &[], (Stop, Stop), (IdpRefused, Idp), "The identity provider lacks attributes of this account."),
    row(Exchange, &["invalid_client"], &[], (OtherAudience, Stop), (Misconfigured, Idp), "The identity provider does not accept Lanyard's client proof: secret, key or key id."),
    row(Exchange, &["unsupported_grant_type"], &[], (Stop, Stop), (Misconfigured, Idp), "The identity provider does not offer token exchange, so enterprise sign-in cannot work."),
    row(Exchange, NO_ENDPOINT, &[], (Rediscover, Stop), (Misconfigured, Idp), "There is no token endpoint where the metadata says."),

    // Leg 3: the resource authorization server's JWT bearer grant.
    row(Redeem, &["invalid_grant"], &["already used", "replay", "already been used"], (Remint, Stop), (ServerRefused, App), "The authorization server says that the assertion was used before."),
    row(Redeem, &["invalid_grant"], &["expired", "in the future", "not yet valid"], (Remint, Stop), (Misconfigured, App), "The authorization server finds the assertion out of time; the clocks of the identity provider and the server differ."),
    row(Redeem, &["invalid_grant"], &["lifetime", "5 minutes", "five minutes", "300 seconds"], (Stop, Stop), (Misconfigured, Idp), "The identity provider's assertions live longer than this server accepts (300 seconds)."),
    row(Redeem, &["invalid_grant"], &["issuer"], (Stop, Stop), (Misconfigured, App), "The server does not trust your identity provider yet; its administrators must add the issuer."),
    row(Redeem, &["invalid_grant"], &["client_id", "client id"], (Stop, Stop), (Misconfigured, Idp), "The client id in the assertion is not the one that the server expects; the identity provider's connection and the policy must name the same."),
    row(Redeem, &["invalid_grant"], &["at least one scope"], (Stop, Stop), (Misconfigured, Policy), "The server wants at least one scope; name some for it in policy."),
    row(Redeem, &["invalid_grant"], &["resource"], (Stop, Stop), (Misconfigured, Idp), "The assertion's resource is not the one that the server expects."),
    row(Redeem, &["invalid_grant"], &["user not found", "unknown user", "subject", " sub", "could not be verified", "no such user"], (Stop, Stop), (ServerRefused, Person), "The server does not know this account. Sign in to it once with single sign-on in the browser, then try again."),
    row(Redeem, &["invalid_grant"], &[], (Remint, Stop), (ServerRefused, App), "The server does not accept the assertion; it may lack a licence, or the account may never have signed in there."),
    row(Redeem, &["access_denied"], &[], (Stop, Stop), (ServerRefused, App), "The server refuses: no licence or plan, or enterprise sign-in is off for your organisation there."),
    row(Redeem, &["invalid_target"], &[], (Rediscover, Stop), (Misconfigured, Policy), "The authorization server does not know this resource."),
    row(Redeem, &["invalid_client"], &[], (OtherAudience, Stop), (Misconfigured, App), "The authorization server does not accept Lanyard's client: its id, its secret or key, or an allow-list there."),
    row(Redeem, &["unauthorized_client"], &[], (Stop, Stop), (Misconfigured, App), "Lanyard's client may not use enterprise sign-in there, or the server wants a confidential client."),
    row(Redeem, &["unsupported_grant_type"], &[], (Stop, Stop), (NotSupported, App), "The authorization server does not offer enterprise sign-in."),
    row(Redeem, &["invalid_scope"], &[], (OmitScope, Stop), (Scope, Policy), "The authorization server refuses a scope."),
    row(Redeem, &["invalid_request"], &["scope"], (OmitScope, Stop), (Misconfigured, Policy), "The authorization server takes no scope here; see the key sendScope."),
    row(Redeem, &["invalid_request"], &["resource"], (OmitResource, Stop), (Misconfigured, Policy), "The authorization server takes no resource here; see the key sendResource."),
    row(Redeem, &["invalid_request"], &[], (Remint, Stop), (Misconfigured, App), "The authorization server did not accept the request."),
    row(Redeem, &["insufficient_user_authentication"], &[], (AskStepUp, Stop), (StepUp, Person), "The server wants a stronger sign-in."),
    row(Redeem, &["interaction_required"], &[], (Stop, Stop), (ServerRefused, Person), "The server wants the person to do something on its own pages first."),
    row(Redeem, NO_ENDPOINT, &[], (Rediscover, Stop), (Misconfigured, App), "There is no token endpoint where the metadata says."),
];
