//! What the agent answers, as the command line reads it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use wire::{DoctorStep, Problem, ServerEntry, SignIn, SignOut, Status, TokenReply};

fuzz_target!(|body: &[u8]| {
    if let Ok(problem) = serde_json::from_slice::<Problem>(body) {
        assert!(problem.exit() > 0 && !problem.sentences().is_empty());
        let written = serde_json::to_vec(&problem).expect("a problem can be written");
        assert_eq!(serde_json::from_slice::<Problem>(&written).expect("and read again"), problem);
    }
    if let Ok(reply) = serde_json::from_slice::<TokenReply>(body) {
        assert_eq!(format!("{:?}", reply.access_token), "[secret]");
    }
    let _ = serde_json::from_slice::<Status>(body);
    let _ = serde_json::from_slice::<Vec<ServerEntry>>(body);
    let _ = serde_json::from_slice::<DoctorStep>(body);
    let _ = serde_json::from_slice::<SignIn>(body);
    let _ = serde_json::from_slice::<SignOut>(body);
});
