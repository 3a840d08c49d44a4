-- What is wrong is said in words: subcommands, buffers, options; completion offers what there is.
return {
  text = 'def total(numbers):\n    ...\n\n\nx = 1\n',
  rules = {},
  options = { autostart = false, echos = true, preview = 3 },
  run = function(t)
    t.eq(vim.fn.getcompletion('Codeplan ', 'cmdline'), {
      'plan',
      'plans',
      'from-plan',
      'file',
      'repair',
      'examples',
      'next',
      'cancel',
      'status',
      'health',
      'log',
    })
    t.eq(vim.fn.getcompletion('Codeplan pl', 'cmdline'), { 'plan', 'plans' })
    t.eq(vim.fn.getcompletion('Codeplan plan ', 'cmdline'), {})
    vim.cmd('Codeplan paln')
    t.told(':Codeplan paln: there is no such subcommand; there are plan, plans')
    vim.cmd('Codeplan plan now')
    t.told(':Codeplan plan takes no argument')
    t.eq(require('codeplan.config').problems(), {
      'vim.g.codeplan.echos: there is no such option; see :help codeplan-options',
      'vim.g.codeplan.preview must be a boolean, not a number',
    })
    t.eq(#vim.lsp.get_clients(), 0, 'clients without autostart')

    vim.cmd('new')
    local told
    require('codeplan').plan({
      on_done = function(result, message)
        told = { result, message }
      end,
    })
    t.told('works on Python files')
    t.eq(told[2], 'codeplan works on Python files; this buffer is not one')
    vim.cmd('close!')

    t.go('x = 1')
    local result = t.command('Codeplan plan', 'planThenCode')
    t.eq(result.outcome, 'error')
    t.told('line 5 is in no function')
    t.eq(#vim.lsp.get_clients({ bufnr = t.buffer }), 1, 'the command started the server')
  end,
}
