use tauri::App;

/// Nothing here colours icons.
pub(super) const TEMPLATE: bool = false;

/// A left click opens the window.
pub(super) const MENU_ON_LEFT_CLICK: bool = false;

/// A program without a window is nowhere but in the notification area.
pub(super) fn stay_out_of_the_way(_: &mut App) {}
