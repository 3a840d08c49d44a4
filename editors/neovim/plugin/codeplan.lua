-- What is there without any call: the command, the <Plug> mappings, and the server for Python files.
if vim.g.loaded_codeplan then
  return
end
vim.g.loaded_codeplan = true

if vim.fn.has('nvim-0.8') == 0 then
  vim.api.nvim_err_writeln('codeplan needs Neovim 0.8 or newer')
  return
end

vim.api.nvim_create_user_command('Codeplan', function(given)
  require('codeplan.commands').run(given)
end, {
  nargs = '*',
  range = true,
  bang = true,
  desc = 'codeplan: plan, write and verify the function at the cursor',
  complete = function(lead, line)
    return require('codeplan.commands').complete(lead, line)
  end,
})

for lhs, subcommand in pairs({
  ['<Plug>(codeplan-plan)'] = 'plan',
  ['<Plug>(codeplan-plans)'] = 'plans',
  ['<Plug>(codeplan-from-plan)'] = 'from-plan',
  ['<Plug>(codeplan-file)'] = 'file',
  ['<Plug>(codeplan-repair)'] = 'repair',
  ['<Plug>(codeplan-examples)'] = 'examples',
  ['<Plug>(codeplan-next)'] = 'next',
  ['<Plug>(codeplan-cancel)'] = 'cancel',
  ['<Plug>(codeplan-status)'] = 'status',
}) do
  vim.keymap.set('n', lhs, '<Cmd>Codeplan ' .. subcommand .. '<CR>', { desc = 'codeplan: ' .. subcommand })
end
vim.keymap.set('x', '<Plug>(codeplan-from-plan)', ':Codeplan from-plan<CR>', {
  desc = 'codeplan: code from the selected plan',
  silent = true,
})

vim.keymap.set('i', '<Plug>(codeplan-complete)', function()
  require('codeplan.inline').ask()
end, { desc = 'codeplan: ask for verified code as ghost text' })
vim.keymap.set('i', '<Plug>(codeplan-accept)', function()
  require('codeplan.inline').accept()
end, { desc = 'codeplan: take the ghost text' })

require('codeplan.client').set_up()
