use super::*;

fn judged(leg: Leg, status: u16, code: &str, description: &str) -> (Action, Action, Meaning, Who) {
    let refusal = Refusal { status, code: code.into(), description: description.into(), ..Refusal::default() };
    let row = classify(leg, &refusal);
    (row.first, row.then, row.meaning, row.who)
}

#[test]
fn refusals_of_the_identity_provider_mean_what_the_field_says() {
    use Action::*;
    use Meaning::*;
    use Who::*;
    let table = [
        (400, "invalid_grant", "The subject token is expired.", (Refresh, Gone, SignIn, Person)),
        (400, "invalid_grant", "The session has been terminated", (Refresh, Gone, SignIn, Person)),
        (400, "invalid_grant", "The refresh token is invalid", (Refresh, Gone, SignIn, Person)),
        (400, "invalid_grant", "subject_token must be issued to the client", (Gone, Stop, Misconfigured, Policy)),
        (400, "invalid_grant", "does not meet assurance requirements", (Action::StepUp, Stop, Meaning::StepUp, Person)),
        (400, "invalid_grant", "The SKU is not enabled; ask your Account Executive", (Stop, Stop, Misconfigured, Idp)),
        (400, "invalid_grant", "", (Refresh, Stop, IdpRefused, Idp)),
        (400, "invalid_request", "The session is no longer active", (Gone, Stop, SignIn, Person)),
        (400, "invalid_request", "The user account is not active", (Gone, Stop, SignIn, Idp)),
        (400, "invalid_request", "User is not assigned to the client", (Stop, Stop, IdpRefused, Idp)),
        (400, "invalid_request", "No delegation policy found", (Stop, Stop, Misconfigured, Idp)),
        (400, "invalid_request", "The client app is not active", (Stop, Stop, Misconfigured, Idp)),
        (400, "invalid_request", "The 'requested_token_type' is invalid", (OlderTokenType, Stop, Misconfigured, Idp)),
        (400, "invalid_request", "bad subject_token_type", (OtherSubject, Stop, Misconfigured, Idp)),
        (400, "invalid_request", "something", (Refresh, Stop, Misconfigured, Idp)),
        (400, "invalid_target", "The target is not completely configured or user is not assigned", (Stop, Stop, IdpRefused, Idp)),
        (400, "invalid_target", "The resource is not supported", (Stop, Stop, Misconfigured, Idp)),
        (400, "invalid_target", "Unknown audience", (Stop, Stop, Misconfigured, Idp)),
        (403, "access_denied", "Policy evaluation failed for this request", (Stop, Stop, IdpRefused, Idp)),
        (400, "access_denied", "All scopes rejected", (DefaultScopes, Stop, Scope, Idp)),
        (403, "access_denied", "The network zone is not allowed", (Stop, Stop, IdpRefused, Idp)),
        (400, "access_denied", "Please re-authenticate", (Action::StepUp, Stop, Meaning::StepUp, Person)),
        (400, "access_denied", "https://x isn't a trusted authorization server", (Stop, Stop, Misconfigured, Idp)),
        (400, "unauthorized_client", "scope not permitted", (DefaultScopes, Stop, Scope, Idp)),
        (400, "unauthorized_client", "Public clients are refused", (Stop, Stop, Misconfigured, Idp)),
        (400, "invalid_scope", "", (DefaultScopes, Stop, Scope, Idp)),
        (401, "insufficient_user_authentication", "", (Action::StepUp, Stop, Meaning::StepUp, Person)),
        (400, "interaction_required", "", (Action::StepUp, Stop, Meaning::StepUp, Person)),
        (400, "insufficient_claims", "", (Stop, Stop, IdpRefused, Idp)),
        (401, "invalid_client", "unknown kid", (OtherAudience, Stop, Misconfigured, Idp)),
        (400, "unsupported_grant_type", "", (Stop, Stop, Misconfigured, Idp)),
        (404, "", "", (Rediscover, Stop, Misconfigured, Idp)),
        (400, "", "", (Stop, Stop, IdpRefused, Idp)),
        (403, "something_new", "", (Stop, Stop, IdpRefused, Idp)),
    ];
    for (status, code, description, expected) in table {
        assert_eq!(judged(Leg::Exchange, status, code, description), expected, "{code} {description}");
    }
}

#[test]
fn refusals_of_the_resource_server_mean_what_the_field_says() {
    use Action::*;
    use Meaning::*;
    use Who::*;
    let table = [
        (400, "invalid_grant", "The assertion was already used", (Remint, Stop, ServerRefused, App)),
        (400, "invalid_grant", "jti replayed", (Remint, Stop, ServerRefused, App)),
        (400, "invalid_grant", "assertion expired", (Remint, Stop, Misconfigured, App)),
        (400, "invalid_grant", "issued in the future", (Remint, Stop, Misconfigured, App)),
        (400, "invalid_grant", "lifetime must not exceed 5 minutes", (Stop, Stop, Misconfigured, Idp)),
        (400, "invalid_grant", "untrusted issuer", (Stop, Stop, Misconfigured, App)),
        (400, "invalid_grant", "client_id mismatch", (Stop, Stop, Misconfigured, Idp)),
        (400, "invalid_grant", "at least one scope is required", (Stop, Stop, Misconfigured, Policy)),
        (400, "invalid_grant", "resource mismatch", (Stop, Stop, Misconfigured, Idp)),
        (400, "invalid_grant", "User not found", (Stop, Stop, ServerRefused, Person)),
        (400, "invalid_grant", "Assertion could not be verified", (Stop, Stop, ServerRefused, Person)),
        (400, "invalid_grant", "Invalid assertion", (Remint, Stop, ServerRefused, App)),
        (401, "invalid_grant", "Assertion was not authorized", (Remint, Stop, ServerRefused, App)),
        (400, "access_denied", "", (Stop, Stop, ServerRefused, App)),
        (400, "invalid_target", "", (Rediscover, Stop, Misconfigured, Policy)),
        (401, "invalid_client", "", (OtherAudience, Stop, Misconfigured, App)),
        (400, "unauthorized_client", "", (Stop, Stop, Misconfigured, App)),
        (400, "unsupported_grant_type", "", (Stop, Stop, NotSupported, App)),
        (400, "invalid_scope", "", (OmitScope, Stop, Scope, Policy)),
        (400, "invalid_request", "scope is not allowed for this grant", (OmitScope, Stop, Misconfigured, Policy)),
        (400, "invalid_request", "unknown parameter resource", (OmitResource, Stop, Misconfigured, Policy)),
        (400, "insufficient_user_authentication", "", (Action::StepUp, Stop, Meaning::StepUp, Person)),
        (405, "", "", (Rediscover, Stop, Misconfigured, App)),
        (200, "invalid_auth", "", (Stop, Stop, ServerRefused, App)),
    ];
    for (status, code, description, expected) in table {
        assert_eq!(judged(Leg::Redeem, status, code, description), expected, "{code} {description}");
    }
}

#[test]
fn no_refusal_ever_leads_to_a_browser() {
    // MUST 40: a denial never falls back to interactive OAuth; the only way to a person is a fault that asks for one.
    for row in table::ROWS {
        assert!(row.hint.ends_with('.'), "{row:?}");
        assert!(!(row.meaning == Meaning::IdpRefused && row.first == Action::StepUp), "{row:?}");
    }
}

#[test]
fn only_a_network_denial_is_cleared_by_a_network() {
    let rows: Vec<_> = table::ROWS.iter().filter(|row| row.network).collect();
    assert!(matches!(rows[..], [Row { fragments: ["network zone"], .. }]));
}
