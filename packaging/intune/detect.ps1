# Detection rule of an Intune app: found means exit code 0 and a line on the output, anything else means not installed.
# Raise $wanted with each version that is deployed.
$wanted = [version]'0.1.0'
$program = Join-Path $env:ProgramFiles 'Lanyard\lanyard.exe'
if (-not (Test-Path -LiteralPath $program -PathType Leaf)) { exit 1 }
$said = (& $program --version) -split ' '
$found = $null
if (-not [version]::TryParse($said[-1], [ref]$found)) { exit 1 }
if ($found -lt $wanted) { exit 1 }
Write-Output "Lanyard $found"
exit 0
