# Completion of ai-engine for PowerShell: ai-engine completions powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName ai-engine -ScriptBlock {
  param($word, $ast, $cursor)
  $everywhere = @('--json', '--color', '--config', '--control', '-h', '--help', '-V', '--version')
  $commands = @{
    'serve' = @{ flags = @('--listen', '--engine', '--model', '--python-dir', '--health-path', '--start-timeout', '--grace', '--idle-timeout', '--engine-socket', '--token-file', '--log-level', '--log-file'); words = @() }
    'shutdown' = @{ flags = @('--force'); words = @() }
    'send' = @{ flags = @('-e', '--engine', '--timings', '--curl'); words = @() }
    'start' = @{ flags = @('--no-wait'); words = @('<engine>') }
    'stop' = @{ flags = @('--force', '--hold'); words = @('<engine>') }
    'restart' = @{ flags = @(); words = @('<engine>') }
    'ps' = @{ flags = @('-q', '--quiet', '-w', '--watch'); words = @() }
    'status' = @{ flags = @(); words = @('<engine>') }
    'logs' = @{ flags = @('-f', '--follow', '-n', '--lines', '--since', '--until', '--stream', '--level', '--grep', '--request', '-t', '--timestamps', '--no-prefix'); words = @('<engine>') }
    'events' = @{ flags = @('-f', '--follow', '-n', '--lines', '-e', '--engine'); words = @() }
    'requests' = @{ flags = @('-e', '--engine', '--failed', '-n', '--lines'); words = @('cancel') }
    'metrics' = @{ flags = @(); words = @() }
    'config' = @{ flags = @('--listen', '--engine', '--model', '--python-dir', '--health-path', '--start-timeout', '--grace', '--idle-timeout', '--engine-socket', '--token-file', '--log-level', '--log-file'); words = @('check', 'show', 'reload', 'schema', 'path', 'import') }
    'doctor' = @{ flags = @('--listen', '--engine', '--model', '--python-dir', '--health-path', '--start-timeout', '--grace', '--idle-timeout', '--engine-socket', '--token-file', '--log-level', '--log-file'); words = @() }
    'ui' = @{ flags = @('--no-open'); words = @() }
    'completions' = @{ flags = @(); words = @('bash', 'zsh', 'fish', 'powershell') }
    'man' = @{ flags = @(); words = @() }
    'help' = @{ flags = @(); words = @('serve', 'shutdown', 'send', 'start', 'stop', 'restart', 'ps', 'status', 'logs', 'events', 'requests', 'metrics', 'config', 'doctor', 'ui', 'completions', 'man', 'help', 'version', 'environment', 'exit-codes', 'output') }
    'version' = @{ flags = @(); words = @() }
  }
  $values = @{
    ':--color' = @('auto', 'always', 'never')
    ':--config' = @()
    ':--control' = @()
    'serve:--listen' = @()
    'serve:--engine' = @('builtin', 'python')
    'serve:--model' = @()
    'serve:--python-dir' = @()
    'serve:--health-path' = @()
    'serve:--start-timeout' = @()
    'serve:--grace' = @()
    'serve:--idle-timeout' = @()
    'serve:--engine-socket' = @()
    'serve:--token-file' = @()
    'serve:--log-level' = @('debug', 'info', 'warn', 'error')
    'serve:--log-file' = @()
    'send:-e' = @('<engine>')
    'send:--engine' = @('<engine>')
    'logs:-n' = @()
    'logs:--lines' = @()
    'logs:--since' = @()
    'logs:--until' = @()
    'logs:--stream' = @('stdout', 'stderr', 'program')
    'logs:--level' = @('debug', 'info', 'warn', 'error')
    'logs:--grep' = @()
    'logs:--request' = @()
    'events:-n' = @()
    'events:--lines' = @()
    'events:-e' = @('<engine>')
    'events:--engine' = @('<engine>')
    'requests:-e' = @('<engine>')
    'requests:--engine' = @('<engine>')
    'requests:-n' = @()
    'requests:--lines' = @()
    'config:--listen' = @()
    'config:--engine' = @('builtin', 'python')
    'config:--model' = @()
    'config:--python-dir' = @()
    'config:--health-path' = @()
    'config:--start-timeout' = @()
    'config:--grace' = @()
    'config:--idle-timeout' = @()
    'config:--engine-socket' = @()
    'config:--token-file' = @()
    'config:--log-level' = @('debug', 'info', 'warn', 'error')
    'config:--log-file' = @()
    'doctor:--listen' = @()
    'doctor:--engine' = @('builtin', 'python')
    'doctor:--model' = @()
    'doctor:--python-dir' = @()
    'doctor:--health-path' = @()
    'doctor:--start-timeout' = @()
    'doctor:--grace' = @()
    'doctor:--idle-timeout' = @()
    'doctor:--engine-socket' = @()
    'doctor:--token-file' = @()
    'doctor:--log-level' = @('debug', 'info', 'warn', 'error')
    'doctor:--log-file' = @()
  }
  $typed = @($ast.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursor } |
    Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  $command = $typed | Where-Object { $commands.ContainsKey($_) } | Select-Object -First 1
  $before = $typed | Select-Object -Last 1
  $offered = if ($before -and $values.ContainsKey("${command}:$before")) { $values["${command}:$before"] }
    elseif ($before -and $values.ContainsKey(":$before")) { $values[":$before"] }
    elseif ($word.StartsWith('-')) { $everywhere + $(if ($command) { $commands[$command].flags }) }
    elseif ($command) { $commands[$command].words }
    else { @($commands.Keys | Sort-Object) }
  if ($offered -contains '<engine>') { $offered = @(ai-engine __names 2>$null) }
  $offered | Where-Object { $_ -and $_.StartsWith($word) } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
