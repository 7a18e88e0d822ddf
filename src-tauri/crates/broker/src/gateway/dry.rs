//! What the gateway makes of texts, without a caller, a server or a connection: for those who look for holes in it.

use bytes::Bytes;
use http::HeaderMap;

use super::containment::Containment;
use super::document::Document;
use super::events::Filter;
use super::{judge, tools};

impl Containment {
    /// What is sent on of a request, with the extension declared; none where it is refused or rests on the server's
    /// word.
    pub fn sends(&self, request: &str) -> Option<String> {
        let document = Document::read(request).ok()?;
        judge::document(&document, &HeaderMap::new()).ok()?;
        let asked = judge::calls(&document, &self.of(None)).ok()?;
        let onward = document.onward(&Bytes::copy_from_slice(request.as_bytes()), true);
        asked.is_empty().then(|| String::from_utf8(onward.into()).ok())?
    }

    /// What a caller gets of a document; none where it cannot be looked into.
    pub fn shows(&self, answer: &str) -> Option<String> {
        tools::shown(answer, &self.of(None)).ok().map(std::borrow::Cow::into_owned)
    }

    /// What a caller gets of a stream that comes in these pieces; none where it cannot be looked into.
    pub fn streams<'t>(&self, pieces: impl IntoIterator<Item = &'t [u8]>) -> Option<Vec<u8>> {
        let (mut filter, mut out) = (Filter::default(), Vec::new());
        for piece in pieces {
            out.extend_from_slice(&filter.pass(piece, &self.of(None)).ok()?);
        }
        Some(out)
    }
}
