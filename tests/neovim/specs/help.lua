-- The help file gives valid tags and names every subcommand, option and mapping.
return {
  text = 'x = 1\n',
  rules = {},
  options = { autostart = false },
  run = function(t)
    local lines = vim.fn.readfile(vim.env.SPEC_PLUGIN .. '/doc/codeplan.txt')
    vim.fn.mkdir(t.folder .. '/doc')
    vim.fn.writefile(lines, t.folder .. '/doc/codeplan.txt')
    vim.cmd('helptags ' .. t.folder .. '/doc')
    local tags = table.concat(vim.fn.readfile(t.folder .. '/doc/tags'), '\n')
    local text = table.concat(lines, '\n')
    for option in pairs(vim.tbl_extend('keep', require('codeplan.config').defaults, { cmd = 0, settings = 0 })) do
      t.has(tags, 'codeplan-option-' .. option .. '\t')
    end
    for _, name in ipairs(require('codeplan.commands').names()) do
      t.ok(('\n' .. text):find('\n' .. vim.pesc(name) .. '\t+%u'), name .. ' is not in the help')
    end
    for _, mode in ipairs({ 'n', 'i', 'x' }) do
      for _, map in ipairs(vim.api.nvim_get_keymap(mode)) do
        if map.lhs:match('codeplan') then
          t.has(text, map.lhs)
        end
      end
    end
    for number, line in ipairs(lines) do
      t.ok(vim.fn.strdisplaywidth(line) <= 78, 'line ' .. number .. ' of the help is longer than 78 columns')
    end
  end,
}
