# Runs the README's two commands in PowerShell: the first one must serve the API, and the second one must pass.
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $true

function Get-ReadmeCommand($name) {
  $found = [regex]::Match((Get-Content README.md -Raw), "<!-- command $name -->\r?\n``````sh\r?\n(mvn [^\r\n]*)\r?\n``````")
  if (-not $found.Success) { throw "README.md has no command after '<!-- command $name -->'." }
  $found.Groups[1].Value
}

$log = Join-Path ([IO.Path]::GetTempPath()) 'run.log'
$run = Start-Process pwsh -ArgumentList "-NoProfile -Command `"$(Get-ReadmeCommand run)`"" -PassThru -NoNewWindow -RedirectStandardOutput $log
try {
  for ($second = 0; $second -lt 600 -and -not $run.HasExited; $second++) {
    if (Select-String -Path $log -Pattern 'Stop with Ctrl-C' -Quiet) { break }
    Start-Sleep 1
  }
  Invoke-RestMethod http://localhost:3000/items
} finally {
  Get-Content $log
  taskkill /T /F /PID $run.Id
}

Invoke-Expression (Get-ReadmeCommand test)
