-- The configuration of a Neovim under test: the plugin on the runtime path, one file open, one spec.
--
-- A spec is a Lua file that returns {rules, settings, options, alone, types, text, run}:
--   rules     answers of the scripted model: {pattern, {text, ...}, seconds}
--   settings  of the server, beside the scripted model
--   options   vim.g.codeplan beside cmd and settings
--   alone     only lsp/codeplan.lua, enabled, without the rest of the plugin
--   types     keys are typed with vim.api.nvim_input, as they come from a keyboard
--   text      what stands in the file cart.py when it is opened
--   run(t)    the test itself; t is the harness
local spec = dofile(vim.env.SPEC)
local folder = vim.env.SPEC_FOLDER

local settings = spec.settings or {}
if spec.rules then
  local rules = vim.tbl_map(function(rule)
    return { pattern = rule[1], texts = rule[2], seconds = rule[3] or 0 }
  end, spec.rules)
  local answers = folder .. '/answers.json'
  vim.fn.writefile({ vim.json.encode({ rules = rules }) }, answers)
  settings = vim.tbl_deep_extend('keep', settings, {
    backend = { kind = 'scripted', model = answers },
    search = { strategy = 'codeplan', plans = 3, samples = 3, memory = false },
  })
end
if spec.alone then
  vim.fn.mkdir(folder .. '/lsp')
  vim.fn.writefile(vim.fn.readfile(vim.env.SPEC_PLUGIN .. '/lsp/codeplan.lua'), folder .. '/lsp/codeplan.lua')
  vim.opt.runtimepath:prepend(folder)
  vim.lsp.config('codeplan', { settings = { codeplan = settings } })
  vim.lsp.enable('codeplan')
else
  vim.opt.runtimepath:prepend(vim.env.SPEC_PLUGIN)
  vim.g.codeplan = vim.tbl_extend('keep', spec.options or {}, { settings = settings })
end

vim.api.nvim_create_autocmd('VimEnter', {
  callback = function()
    vim.schedule(function()
      local harness = dofile(vim.env.SPEC_HARNESS)
      harness.run(spec, folder)
    end)
  end,
})
