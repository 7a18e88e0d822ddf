#!/bin/sh
# Discovery script of an Intune custom compliance policy for Linux; compliance-linux.json holds its rules.
# Runs as root. Nothing that a person wrote is read as root: each agent is asked by a process of its own user, and answers
# by its exit code. It is a report and no proof: whether a device may sign in is for the identity provider to decide.
installed=false managed=false faults=-1 unhealthy=0
if command -v lanyard >/dev/null 2>&1; then
    installed=true
    # root has no agent, so this tells what the machine's policy says.
    status=$(lanyard status --json 2>/dev/null)
    case $status in *'"managed": true'*) managed=true ;; esac
    case $status in
        *'"faults": []'*) faults=0 ;;
        *'"faults": ['*) faults=$(printf '%s\n' "$status" | grep -c '"setting": ') ;;
    esac
    for folder in /run/user/*; do
        [ -S "$folder/lanyard/lanyard.sock" ] || continue
        person=$(id -nu "${folder##*/}" 2>/dev/null) || continue
        timeout 20 runuser -u "$person" -- lanyard status >/dev/null 2>&1
        # 0 is active, 4 is waiting for the network: neither needs the person.
        case $? in 0 | 4) ;; *) unhealthy=$((unhealthy + 1)) ;; esac
    done
fi
printf '{"LanyardInstalled":%s,"LanyardManaged":%s,"LanyardPolicyFaults":%d,"LanyardUnhealthyPeople":%d}\n' \
    "$installed" "$managed" "$faults" "$unhealthy"
