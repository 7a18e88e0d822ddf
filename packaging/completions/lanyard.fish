# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_lanyard_global_optspecs
    string join \n json socket= h/help V/version
end

function __fish_lanyard_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_lanyard_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_lanyard_using_subcommand
    set -l cmd (__fish_lanyard_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c lanyard -n "__fish_lanyard_needs_command" -l socket -d 'The agent\'s socket, where it is not in its usual place' -r -F
complete -c lanyard -n "__fish_lanyard_needs_command" -l json -d 'Print JSON; a failure is then a problem object on stdout'
complete -c lanyard -n "__fish_lanyard_needs_command" -s h -l help -d 'Print help'
complete -c lanyard -n "__fish_lanyard_needs_command" -s V -l version -d 'Print version'
complete -c lanyard -n "__fish_lanyard_needs_command" -f -a "run" -d 'Run the agent without a tray, in the foreground'
complete -c lanyard -n "__fish_lanyard_needs_command" -f -a "login" -d 'Sign in, in the browser, and wait until it is done'
complete -c lanyard -n "__fish_lanyard_needs_command" -f -a "logout" -d 'Sign out here and at the identity provider'
complete -c lanyard -n "__fish_lanyard_needs_command" -f -a "status" -d 'Show what is so now; the exit code says how the session fares'
complete -c lanyard -n "__fish_lanyard_needs_command" -f -a "servers" -d 'Show the servers that your organisation has listed'
complete -c lanyard -n "__fish_lanyard_needs_command" -f -a "token" -d 'Print an access token for a server'
complete -c lanyard -n "__fish_lanyard_needs_command" -f -a "headers" -d 'Print a server\'s request headers as JSON, for clients with a header helper'
complete -c lanyard -n "__fish_lanyard_needs_command" -f -a "connect" -d 'Serve one server to one MCP client over standard input and output'
complete -c lanyard -n "__fish_lanyard_needs_command" -f -a "policy" -d 'Show what IT set, where, and what is wrong with it'
complete -c lanyard -n "__fish_lanyard_needs_command" -f -a "doctor" -d 'Try everything afresh, step by step, and name what fails'
complete -c lanyard -n "__fish_lanyard_needs_command" -f -a "audit" -d 'Show the audit log'
complete -c lanyard -n "__fish_lanyard_needs_command" -f -a "diagnostics" -d 'Write what a help desk needs into one file, after listing it: no names, no addresses of people, no credentials'
complete -c lanyard -n "__fish_lanyard_needs_command" -f -a "retry" -d 'Forget that a server refused, and let it be tried again'
complete -c lanyard -n "__fish_lanyard_needs_command" -f -a "pause" -d 'Close every door until `resume`'
complete -c lanyard -n "__fish_lanyard_needs_command" -f -a "resume" -d 'Open the doors again'
complete -c lanyard -n "__fish_lanyard_needs_command" -f -a "setup" -d 'Set up MCP clients, and the keys of the loopback door; alone: list the clients'
complete -c lanyard -n "__fish_lanyard_using_subcommand run" -l policy -d 'A policy for trying things out; refused while this computer has one of its own' -r -F
complete -c lanyard -n "__fish_lanyard_using_subcommand run" -l socket -d 'The agent\'s socket, where it is not in its usual place' -r -F
complete -c lanyard -n "__fish_lanyard_using_subcommand run" -l json -d 'Print JSON; a failure is then a problem object on stdout'
complete -c lanyard -n "__fish_lanyard_using_subcommand run" -s h -l help -d 'Print help'
complete -c lanyard -n "__fish_lanyard_using_subcommand login" -l server -d 'Sign in to this one server, where your organisation has marked it so' -r
complete -c lanyard -n "__fish_lanyard_using_subcommand login" -l socket -d 'The agent\'s socket, where it is not in its usual place' -r -F
complete -c lanyard -n "__fish_lanyard_using_subcommand login" -l print-url -d 'Open no browser; print the address alone as the first line'
complete -c lanyard -n "__fish_lanyard_using_subcommand login" -l paste -d 'Also take the redirected address from standard input'
complete -c lanyard -n "__fish_lanyard_using_subcommand login" -l json -d 'Print JSON; a failure is then a problem object on stdout'
complete -c lanyard -n "__fish_lanyard_using_subcommand login" -s h -l help -d 'Print help'
complete -c lanyard -n "__fish_lanyard_using_subcommand logout" -l socket -d 'The agent\'s socket, where it is not in its usual place' -r -F
complete -c lanyard -n "__fish_lanyard_using_subcommand logout" -l json -d 'Print JSON; a failure is then a problem object on stdout'
complete -c lanyard -n "__fish_lanyard_using_subcommand logout" -s h -l help -d 'Print help'
complete -c lanyard -n "__fish_lanyard_using_subcommand status" -l socket -d 'The agent\'s socket, where it is not in its usual place' -r -F
complete -c lanyard -n "__fish_lanyard_using_subcommand status" -l watch -d 'Show every change'
complete -c lanyard -n "__fish_lanyard_using_subcommand status" -l schema -d 'Print the JSON Schema of what `--json` prints'
complete -c lanyard -n "__fish_lanyard_using_subcommand status" -l json -d 'Print JSON; a failure is then a problem object on stdout'
complete -c lanyard -n "__fish_lanyard_using_subcommand status" -s h -l help -d 'Print help'
complete -c lanyard -n "__fish_lanyard_using_subcommand servers" -l socket -d 'The agent\'s socket, where it is not in its usual place' -r -F
complete -c lanyard -n "__fish_lanyard_using_subcommand servers" -l watch -d 'Show every change'
complete -c lanyard -n "__fish_lanyard_using_subcommand servers" -l json -d 'Print JSON; a failure is then a problem object on stdout'
complete -c lanyard -n "__fish_lanyard_using_subcommand servers" -s h -l help -d 'Print help'
complete -c lanyard -n "__fish_lanyard_using_subcommand token" -l scope -d 'Scopes, separated by spaces' -r
complete -c lanyard -n "__fish_lanyard_using_subcommand token" -l min-ttl -d 'The least remaining life in seconds' -r
complete -c lanyard -n "__fish_lanyard_using_subcommand token" -l socket -d 'The agent\'s socket, where it is not in its usual place' -r -F
complete -c lanyard -n "__fish_lanyard_using_subcommand token" -l no-start -d 'Start no agent; wait for one'
complete -c lanyard -n "__fish_lanyard_using_subcommand token" -l json -d 'Print JSON; a failure is then a problem object on stdout'
complete -c lanyard -n "__fish_lanyard_using_subcommand token" -s h -l help -d 'Print help'
complete -c lanyard -n "__fish_lanyard_using_subcommand headers" -l socket -d 'The agent\'s socket, where it is not in its usual place' -r -F
complete -c lanyard -n "__fish_lanyard_using_subcommand headers" -l no-start -d 'Start no agent; wait for one'
complete -c lanyard -n "__fish_lanyard_using_subcommand headers" -l json -d 'Print JSON; a failure is then a problem object on stdout'
complete -c lanyard -n "__fish_lanyard_using_subcommand headers" -s h -l help -d 'Print help'
complete -c lanyard -n "__fish_lanyard_using_subcommand connect" -l socket -d 'The agent\'s socket, where it is not in its usual place' -r -F
complete -c lanyard -n "__fish_lanyard_using_subcommand connect" -l no-start -d 'Start no agent; wait for one'
complete -c lanyard -n "__fish_lanyard_using_subcommand connect" -l json -d 'Print JSON; a failure is then a problem object on stdout'
complete -c lanyard -n "__fish_lanyard_using_subcommand connect" -s h -l help -d 'Print help'
complete -c lanyard -n "__fish_lanyard_using_subcommand policy; and not __fish_seen_subcommand_from show check reload import export" -l socket -d 'The agent\'s socket, where it is not in its usual place' -r -F
complete -c lanyard -n "__fish_lanyard_using_subcommand policy; and not __fish_seen_subcommand_from show check reload import export" -l json -d 'Print JSON; a failure is then a problem object on stdout'
complete -c lanyard -n "__fish_lanyard_using_subcommand policy; and not __fish_seen_subcommand_from show check reload import export" -s h -l help -d 'Print help'
complete -c lanyard -n "__fish_lanyard_using_subcommand policy; and not __fish_seen_subcommand_from show check reload import export" -f -a "show" -d 'Show every setting with its value, origin and fault'
complete -c lanyard -n "__fish_lanyard_using_subcommand policy; and not __fish_seen_subcommand_from show check reload import export" -f -a "check" -d 'Judge the content of a policy file: any fault and any unknown name is an error'
complete -c lanyard -n "__fish_lanyard_using_subcommand policy; and not __fish_seen_subcommand_from show check reload import export" -f -a "reload" -d 'Read policy again now'
complete -c lanyard -n "__fish_lanyard_using_subcommand policy; and not __fish_seen_subcommand_from show check reload import export" -f -a "import" -d 'Make a policy of the servers in a client\'s configuration (`mcp.json`, `.mcp.json`), without its credentials'
complete -c lanyard -n "__fish_lanyard_using_subcommand policy; and not __fish_seen_subcommand_from show check reload import export" -f -a "export" -d 'Show a policy file as a tool deploys it, without its secrets'
complete -c lanyard -n "__fish_lanyard_using_subcommand policy; and __fish_seen_subcommand_from show" -l socket -d 'The agent\'s socket, where it is not in its usual place' -r -F
complete -c lanyard -n "__fish_lanyard_using_subcommand policy; and __fish_seen_subcommand_from show" -l json -d 'Print JSON; a failure is then a problem object on stdout'
complete -c lanyard -n "__fish_lanyard_using_subcommand policy; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c lanyard -n "__fish_lanyard_using_subcommand policy; and __fish_seen_subcommand_from check" -l socket -d 'The agent\'s socket, where it is not in its usual place' -r -F
complete -c lanyard -n "__fish_lanyard_using_subcommand policy; and __fish_seen_subcommand_from check" -l json -d 'Print JSON; a failure is then a problem object on stdout'
complete -c lanyard -n "__fish_lanyard_using_subcommand policy; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c lanyard -n "__fish_lanyard_using_subcommand policy; and __fish_seen_subcommand_from reload" -l socket -d 'The agent\'s socket, where it is not in its usual place' -r -F
complete -c lanyard -n "__fish_lanyard_using_subcommand policy; and __fish_seen_subcommand_from reload" -l json -d 'Print JSON; a failure is then a problem object on stdout'
complete -c lanyard -n "__fish_lanyard_using_subcommand policy; and __fish_seen_subcommand_from reload" -s h -l help -d 'Print help'
complete -c lanyard -n "__fish_lanyard_using_subcommand policy; and __fish_seen_subcommand_from import" -l socket -d 'The agent\'s socket, where it is not in its usual place' -r -F
complete -c lanyard -n "__fish_lanyard_using_subcommand policy; and __fish_seen_subcommand_from import" -l json -d 'Print JSON; a failure is then a problem object on stdout'
complete -c lanyard -n "__fish_lanyard_using_subcommand policy; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help'
complete -c lanyard -n "__fish_lanyard_using_subcommand policy; and __fish_seen_subcommand_from export" -l format -d 'The form' -r -f -a "reg\t'A registry file for Windows'
mobileconfig\t'A configuration profile for macOS'
json\t'A policy file for Linux'
intune\t'A custom profile of Intune, for the ADMX of Lanyard'"
complete -c lanyard -n "__fish_lanyard_using_subcommand policy; and __fish_seen_subcommand_from export" -l socket -d 'The agent\'s socket, where it is not in its usual place' -r -F
complete -c lanyard -n "__fish_lanyard_using_subcommand policy; and __fish_seen_subcommand_from export" -l json -d 'Print JSON; a failure is then a problem object on stdout'
complete -c lanyard -n "__fish_lanyard_using_subcommand policy; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lanyard -n "__fish_lanyard_using_subcommand doctor" -l socket -d 'The agent\'s socket, where it is not in its usual place' -r -F
complete -c lanyard -n "__fish_lanyard_using_subcommand doctor" -l json -d 'Print JSON; a failure is then a problem object on stdout'
complete -c lanyard -n "__fish_lanyard_using_subcommand doctor" -s h -l help -d 'Print help'
complete -c lanyard -n "__fish_lanyard_using_subcommand audit" -l socket -d 'The agent\'s socket, where it is not in its usual place' -r -F
complete -c lanyard -n "__fish_lanyard_using_subcommand audit" -l follow -d 'Show every new event'
complete -c lanyard -n "__fish_lanyard_using_subcommand audit" -l json -d 'Print JSON; a failure is then a problem object on stdout'
complete -c lanyard -n "__fish_lanyard_using_subcommand audit" -s h -l help -d 'Print help'
complete -c lanyard -n "__fish_lanyard_using_subcommand diagnostics" -l socket -d 'The agent\'s socket, where it is not in its usual place' -r -F
complete -c lanyard -n "__fish_lanyard_using_subcommand diagnostics" -l json -d 'Print JSON; a failure is then a problem object on stdout'
complete -c lanyard -n "__fish_lanyard_using_subcommand diagnostics" -s h -l help -d 'Print help'
complete -c lanyard -n "__fish_lanyard_using_subcommand retry" -l socket -d 'The agent\'s socket, where it is not in its usual place' -r -F
complete -c lanyard -n "__fish_lanyard_using_subcommand retry" -l json -d 'Print JSON; a failure is then a problem object on stdout'
complete -c lanyard -n "__fish_lanyard_using_subcommand retry" -s h -l help -d 'Print help'
complete -c lanyard -n "__fish_lanyard_using_subcommand pause" -l socket -d 'The agent\'s socket, where it is not in its usual place' -r -F
complete -c lanyard -n "__fish_lanyard_using_subcommand pause" -l json -d 'Print JSON; a failure is then a problem object on stdout'
complete -c lanyard -n "__fish_lanyard_using_subcommand pause" -s h -l help -d 'Print help'
complete -c lanyard -n "__fish_lanyard_using_subcommand resume" -l socket -d 'The agent\'s socket, where it is not in its usual place' -r -F
complete -c lanyard -n "__fish_lanyard_using_subcommand resume" -l json -d 'Print JSON; a failure is then a problem object on stdout'
complete -c lanyard -n "__fish_lanyard_using_subcommand resume" -s h -l help -d 'Print help'
complete -c lanyard -n "__fish_lanyard_using_subcommand setup; and not __fish_seen_subcommand_from key" -l server -d 'Only this server; may stand several times' -r
complete -c lanyard -n "__fish_lanyard_using_subcommand setup; and not __fish_seen_subcommand_from key" -l door -d 'The way in; without: the one that suits the client best' -r -f -a "bridge\t'`lanyard connect`, started by the client'
socket\t'The local socket, where a client can be given one'
loopback\t'The loopback port, with a key'
helper\t'`lanyard headers`, run by the client before it calls the server itself'"
complete -c lanyard -n "__fish_lanyard_using_subcommand setup; and not __fish_seen_subcommand_from key" -l remove-key -d 'Remove a key' -r
complete -c lanyard -n "__fish_lanyard_using_subcommand setup; and not __fish_seen_subcommand_from key" -l socket -d 'The agent\'s socket, where it is not in its usual place' -r -F
complete -c lanyard -n "__fish_lanyard_using_subcommand setup; and not __fish_seen_subcommand_from key" -l remove -d 'Take everything away again that setup wrote'
complete -c lanyard -n "__fish_lanyard_using_subcommand setup; and not __fish_seen_subcommand_from key" -l print -d 'Show what would be written'
complete -c lanyard -n "__fish_lanyard_using_subcommand setup; and not __fish_seen_subcommand_from key" -l managed -d 'Show what an administrator would deploy'
complete -c lanyard -n "__fish_lanyard_using_subcommand setup; and not __fish_seen_subcommand_from key" -l force -d 'Replace entries that others wrote for the same servers'
complete -c lanyard -n "__fish_lanyard_using_subcommand setup; and not __fish_seen_subcommand_from key" -l list-keys -d 'List the keys and what used the doors today'
complete -c lanyard -n "__fish_lanyard_using_subcommand setup; and not __fish_seen_subcommand_from key" -l json -d 'Print JSON; a failure is then a problem object on stdout'
complete -c lanyard -n "__fish_lanyard_using_subcommand setup; and not __fish_seen_subcommand_from key" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c lanyard -n "__fish_lanyard_using_subcommand setup; and not __fish_seen_subcommand_from key" -a "key" -d 'Make a key for the loopback door and print it once'
complete -c lanyard -n "__fish_lanyard_using_subcommand setup; and __fish_seen_subcommand_from key" -l socket -d 'The agent\'s socket, where it is not in its usual place' -r -F
complete -c lanyard -n "__fish_lanyard_using_subcommand setup; and __fish_seen_subcommand_from key" -l json -d 'Print JSON; a failure is then a problem object on stdout'
complete -c lanyard -n "__fish_lanyard_using_subcommand setup; and __fish_seen_subcommand_from key" -s h -l help -d 'Print help'
