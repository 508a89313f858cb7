# Sourced by the scripts at the root: settings that make builds fast and quiet on any machine.
export UseSharedCompilation=true MSBUILDDISABLENODEREUSE=0
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
