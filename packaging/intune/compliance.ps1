# Discovery script of an Intune custom compliance policy for Windows; compliance-windows.json holds its rules.
# Runs as SYSTEM. Policy is read by Lanyard itself; how each person fares is what their own agent wrote down, so it is a
# report and no proof: whether a device may sign in is for the identity provider to decide.
$program = Join-Path $env:ProgramFiles 'Lanyard\lanyard.exe'
$result = [ordered]@{ LanyardInstalled = $false; LanyardManaged = $false; LanyardPolicyFaults = -1; LanyardUnhealthyPeople = 0 }
if (Test-Path -LiteralPath $program -PathType Leaf) {
    $result.LanyardInstalled = $true
    $policy = & $program status --json | ConvertFrom-Json
    $result.LanyardManaged = [bool]$policy.policy.managed
    $result.LanyardPolicyFaults = @($policy.policy.faults).Count
    $healthy = 'active', 'renewing', 'waiting'
    $people = Get-CimInstance -ClassName Win32_UserProfile -Filter 'Special = FALSE AND Loaded = TRUE'
    foreach ($person in $people) {
        $file = Join-Path $person.LocalPath 'AppData\Local\Lanyard\status.json'
        $item = Get-Item -LiteralPath $file -ErrorAction SilentlyContinue
        # No file: this person has not used Lanyard. A link or a large file was put there by hand.
        if ($null -eq $item) { continue }
        $state = $null
        if (-not $item.LinkType -and $item.Length -lt 16777216) {
            try { $state = (Get-Content -LiteralPath $file -Raw -Encoding UTF8 | ConvertFrom-Json).session.state } catch { $state = $null }
        }
        if ($healthy -notcontains $state) { $result.LanyardUnhealthyPeople++ }
    }
}
return $result | ConvertTo-Json -Compress
