#!/bin/sh
# Extension attribute of Jamf Pro, data type String: how the person at the screen fares.
# Runs as root; the agent is asked by a process of that person, and answers by its exit code.
program=${LANYARD:-/Applications/Lanyard.app/Contents/MacOS/lanyard}
if [ ! -x "$program" ]; then
    echo "<result>not installed</result>"
    exit 0
fi
person=$(stat -f %Su /dev/console)
case $person in
    "" | root | loginwindow | _mbsetupuser)
        echo "<result>nobody is logged in</result>"
        exit 0
        ;;
esac
launchctl asuser "$(id -u "$person")" sudo -H -u "$person" "$program" status >/dev/null 2>&1
case $? in
    0) state="active" ;;
    3) state="no usable policy" ;;
    4) state="waiting for the network" ;;
    5) state="sign-in needed" ;;
    6) state="not running" ;;
    8) state="vault closed" ;;
    *) state="unknown" ;;
esac
echo "<result>$state</result>"
