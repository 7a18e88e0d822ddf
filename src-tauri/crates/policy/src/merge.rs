//! Layers, the last of which wins for each setting, as a whole value.

use std::collections::BTreeMap;

use wire::{SettingFault, UnknownName};

use crate::catalogue::{nearest, setting, settings};
use crate::fault::{self, plain};
use crate::layer::{Given, Layer, Rank, Scope};

/// How many unknown names are listed.
pub(crate) const MOST_UNKNOWN: usize = 100;

/// The winning value of each setting, with the place it is from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Merged {
    /// By name of the setting.
    pub values: BTreeMap<&'static str, Winner>,
    /// Names that no setting has.
    pub unknown: Vec<UnknownName>,
    /// What is wrong with how the layers fit together.
    pub faults: Vec<SettingFault>,
}

/// One winning value.
#[derive(Clone, Debug, PartialEq)]
pub struct Winner {
    /// The value, not judged yet.
    pub given: Given,
    /// The layer's origin.
    pub origin: String,
    rank: Rank,
}

/// Merges layers, the weakest first.
pub fn merge(layers: &[Layer]) -> Merged {
    let mut merged = Merged::default();
    for layer in layers {
        for (name, given) in layer.values.iter() {
            let Some(setting) = setting(name) else {
                if merged.unknown.len() < MOST_UNKNOWN {
                    merged.unknown.push(UnknownName {
                        name: plain(name),
                        origin: layer.origin.clone(),
                        nearest: nearest(settings(), name),
                    });
                }
                continue;
            };
            if layer.scope == Scope::User && setting.scope == Scope::Machine {
                // LI-54: what decides identity, servers and trust is never the user's to set.
                let message = "may be set for the machine only";
                merged.faults.push(fault::of(name, &layer.origin, message));
                continue;
            }
            let winner = Winner { given: given.clone(), origin: layer.origin.clone(), rank: layer.rank };
            if let Some(before) = merged.values.insert(setting.name, winner)
                && before.rank == Rank::DropIn
                && layer.rank == Rank::DropIn
            {
                let message = format!("is set twice; {} sets it too, and this one applies", before.origin);
                merged.faults.push(fault::of(name, &layer.origin, message));
            }
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::layer::Values;
    use crate::source::json::Json;

    fn layer(origin: &str, rank: Rank, values: &[(&str, i64)]) -> Layer {
        let values: Values = values.iter().map(|(name, value)| ((*name).to_owned(), Ok(Json::Whole(*value)))).collect();
        Layer::machine(origin, rank, Arc::new(values))
    }

    #[test]
    fn the_last_layer_wins_and_its_origin_is_kept() {
        let merged = merge(&[
            layer("vendor", Rank::Base, &[("MaxAgeSeconds", 1), ("LoopbackPort", 1)]),
            layer("main", Rank::Base, &[("MaxAgeSeconds", 2)]),
        ]);
        assert_eq!(merged.values["MaxAgeSeconds"].given, Ok(Json::Whole(2)));
        assert_eq!(merged.values["MaxAgeSeconds"].origin, "main");
        assert_eq!(merged.values["LoopbackPort"].origin, "vendor");
        assert_eq!(merged.faults, []);
    }

    #[test]
    fn two_drop_ins_that_set_the_same_are_a_fault_and_the_later_applies() {
        let merged = merge(&[
            layer("10.json", Rank::DropIn, &[("MaxAgeSeconds", 1)]),
            layer("20.json", Rank::DropIn, &[("MaxAgeSeconds", 2)]),
        ]);
        assert_eq!(merged.values["MaxAgeSeconds"].origin, "20.json");
        assert_eq!(merged.faults.len(), 1);
        assert!(merged.faults[0].message.contains("10.json"));
    }

    #[test]
    fn a_user_layer_sets_only_what_users_may_set() {
        let mut user = layer("user", Rank::Borrowed, &[("LogLevel", 1), ("Issuer", 1)]);
        user.scope = Scope::User;
        let merged = merge(&[user]);
        assert_eq!(merged.values.keys().copied().collect::<Vec<_>>(), ["LogLevel"]);
        assert_eq!(merged.faults[0].setting.as_deref(), Some("Issuer"));
    }

    fn layers() -> impl Strategy<Value = Vec<Layer>> {
        let names: Vec<_> = settings().map(|setting| setting.name.to_owned()).collect();
        let name = prop_oneof![9 => proptest::sample::select(names), 1 => "[A-Z][a-z]{0,6}"];
        let given = prop_oneof![any::<i64>().prop_map(|number| Ok(Json::Whole(number))), Just(Err("unreadable".to_owned())),];
        let values = proptest::collection::btree_map(name, given, 0..6);
        let rank = prop_oneof![Just(Rank::Borrowed), Just(Rank::Base), Just(Rank::DropIn)];
        let one = (rank, values).prop_map(|(rank, values)| Layer::machine("x", rank, Arc::new(values)));
        proptest::collection::vec(one, 0..6)
    }

    proptest! {
        #[test]
        fn merging_is_deterministic_and_merging_the_result_changes_nothing(layers in layers()) {
            let once = merge(&layers);
            prop_assert_eq!(&once, &merge(&layers));
            let values: Values = once.values.iter()
                .map(|(name, winner)| ((*name).to_owned(), winner.given.clone()))
                .collect();
            let mut doubled = layers.clone();
            doubled.push(Layer::machine("x", Rank::Base, Arc::new(values)));
            let again = merge(&doubled);
            for (name, winner) in &once.values {
                prop_assert_eq!(&again.values[name].given, &winner.given);
            }
            prop_assert_eq!(again.values.len(), once.values.len());
            prop_assert_eq!(again.unknown, once.unknown);
        }
    }
}
