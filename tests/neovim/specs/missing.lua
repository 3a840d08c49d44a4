-- A server that is not installed is said by the command and by :checkhealth, with what to do.
return {
  text = 'def total(numbers):\n    ...\n',
  rules = {},
  options = { cmd = { 'codeplan-server-that-is-not-there' }, autostart = false },
  run = function(t)
    vim.cmd('Codeplan plan')
    t.told('codeplan-server-that-is-not-there was not found')
    vim.cmd('checkhealth codeplan')
    local report = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
    t.has(report, 'codeplan-server-that-is-not-there was not found')
    t.has(report, 'Install the Python package codeplan')
  end,
}
