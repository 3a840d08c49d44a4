-- :checkhealth codeplan finds the server, its version, the running one and the sandbox.
return {
  text = 'def total(numbers):\n    ...\n',
  rules = {},
  run = function(t)
    local client = t.client()
    -- The settings arrive a moment after the server is ready.
    t.wait(function()
      return t.ask(client, 'codeplan.status').backend.kind == 'scripted'
    end, 'settings')
    vim.cmd('Codeplan health')
    local report = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
    t.has(report, 'OK Neovim 0.')
    t.has(report, '/codeplan-server: codeplan-server ')
    t.has(report, 'answers.json (scripted), not loaded yet')
    t.has(report, 'OK sandbox: ')
    t.has(report, 'model file: ')
    t.has(report, 'device: ')
    t.ok(not report:find('ERROR', 1, true), report)
  end,
}
