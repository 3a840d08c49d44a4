-- A Neovim that is too old is told so in one line, and nothing of the plugin is there.
-- Only for Neovim older than 0.8.
return {
  text = 'def total(numbers):\n    ...\n',
  rules = {},
  run = function(t)
    t.eq(vim.fn.exists(':Codeplan'), 0)
    t.eq(vim.fn.maparg('<Plug>(codeplan-plan)', 'n'), '')
    t.has(vim.fn.execute('messages'), 'codeplan needs Neovim 0.8 or newer')
    vim.cmd('checkhealth codeplan')
    local report = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
    t.has(report, 'is too old')
    t.has(report, 'Install Neovim 0.8 or newer.')
  end,
}
