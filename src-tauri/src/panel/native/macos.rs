use tauri::{ActivationPolicy, App};

/// The menu bar colours its icons itself.
pub(super) const TEMPLATE: bool = true;

/// As everything else in the menu bar does.
pub(super) const MENU_ON_LEFT_CLICK: bool = true;

/// No icon in the Dock, no menu of its own.
pub(super) fn stay_out_of_the_way(app: &mut App) {
    app.set_activation_policy(ActivationPolicy::Accessory);
}
