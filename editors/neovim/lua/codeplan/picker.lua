--- Choose a plan: vim.ui.select with each plan's record, a floating window with its steps and the
--- change that its code would make.
local client_of = require('codeplan.client')
local config = require('codeplan.config')

local M = {}

--- Ask the server for plans and let the user choose; code is written from the chosen one.
---@param options codeplan.Options
function M.open(options)
  local bufnr = options.bufnr and options.bufnr ~= 0 and options.bufnr or vim.api.nvim_get_current_buf()
  local client = client_of.of_buffer(bufnr)
  -- The place is kept: the cursor may be elsewhere when the plans arrive.
  local position = options.position
  if not position and client then
    position = vim.lsp.util.make_position_params(0, client.offset_encoding).position
  end
  local asked = {
    bufnr = bufnr,
    position = position,
    on_done = function(result, message)
      if result and result.plans and #result.plans > 0 then
        local of = client_of.of_buffer(bufnr)
        if of then
          require('codeplan.diff').add(bufnr, result, of.offset_encoding)
        end
        M.choose(result, { bufnr = bufnr, position = position, on_done = options.on_done })
      elseif options.on_done then
        options.on_done(result, message)
      end
    end,
  }
  require('codeplan').execute('showPlans', asked, 'function')
end

---@param result codeplan.Result the value of codeplan.showPlans
---@param options codeplan.Options
function M.choose(result, options)
  local numbers = {}
  for number in ipairs(result.plans) do
    numbers[number] = number
  end
  vim.ui.select(numbers, {
    prompt = ('Plans for %s'):format(result['function']),
    kind = 'codeplan.plan',
    format_item = function(number)
      return M.label(result.plans[number])
    end,
  }, function(number)
    if not number then
      return M.leave(options)
    end
    if config.get().preview then
      M.preview(result, number, options)
    else
      M.use(result.plans[number], options)
    end
  end)
end

--- No plan is used.
---@param options codeplan.Options
function M.leave(options)
  if options.on_done then
    options.on_done(nil, 'no plan was chosen')
  end
end

--- One line for a plan.
---@param plan codeplan.Plan
---@return string
function M.label(plan)
  local first = plan.steps[1] or 'no steps'
  local more = #plan.steps > 1 and (' (+%d)'):format(#plan.steps - 1) or ''
  local verdict = ('[%s] '):format(plan.verdict)
  -- The number that vim.ui.select puts in front, and one column, must fit too.
  local room = math.max(vim.o.columns - 6 - #verdict - #more, 20)
  if vim.fn.strchars(first) > room then
    first = vim.fn.strcharpart(first, 0, room - 3) .. '...'
  end
  return verdict .. first .. more
end

--- Write code from a plan.
---@param plan codeplan.Plan
---@param options codeplan.Options
function M.use(plan, options)
  require('codeplan').from_plan({
    bufnr = options.bufnr,
    position = options.position,
    plan = plan.steps,
    on_done = options.on_done,
  })
end

--- A plan's record and steps, and what it would change, as Markdown.
---@param plan codeplan.Plan
---@param number integer
---@param count integer
---@return string[]
function M.lines(plan, number, count)
  local lines = { ('# Plan %d of %d: %s'):format(number, count, plan.verdict), '' }
  for index, step in ipairs(plan.steps) do
    lines[#lines + 1] = ('%d. %s'):format(index, step)
  end
  if plan.detail ~= '' then
    vim.list_extend(lines, { '' })
    vim.list_extend(lines, vim.split(plan.detail, '\n', { plain = true }))
  end
  local shown = plan.diff or plan.code
  if shown ~= '' then
    vim.list_extend(lines, { '', plan.diff and '```diff' or '```python' })
    vim.list_extend(lines, vim.split(shown, '\n', { plain = true }))
    lines[#lines + 1] = '```'
  end
  vim.list_extend(lines, { '', '<CR> write code from this plan   <Tab> next plan   q close' })
  return lines
end

--- Show a plan in a floating window.
---@param result codeplan.Result
---@param number integer
---@param options codeplan.Options
---@return integer window
function M.preview(result, number, options)
  local lines = M.lines(result.plans[number], number, #result.plans)
  local width = 20
  for _, line in ipairs(lines) do
    width = math.max(width, vim.fn.strdisplaywidth(line))
  end
  width = math.max(math.min(width + 1, vim.o.columns - 4), 1)
  local height = math.max(math.min(#lines, vim.o.lines - 6), 1)
  local buffer = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buffer, 0, -1, false, lines)
  vim.bo[buffer].filetype = 'codeplan'
  -- Not every Neovim has the parser.
  if not pcall(vim.treesitter.start, buffer, 'markdown') then
    vim.bo[buffer].syntax = 'markdown'
  end
  vim.bo[buffer].bufhidden = 'wipe'
  vim.bo[buffer].modifiable = false
  local window = vim.api.nvim_open_win(buffer, true, {
    relative = 'editor',
    row = math.max(math.floor((vim.o.lines - height) / 2) - 1, 0),
    col = math.max(math.floor((vim.o.columns - width) / 2), 0),
    width = width,
    height = height,
    style = 'minimal',
    border = 'rounded',
  })
  vim.wo[window].wrap = true

  local function close()
    if vim.api.nvim_win_is_valid(window) then
      vim.api.nvim_win_close(window, true)
    end
  end
  local function leave()
    close()
    M.leave(options)
  end
  local function turn(by)
    close()
    M.preview(result, (number - 1 + by) % #result.plans + 1, options)
  end
  local keys = {
    ['<CR>'] = function()
      close()
      M.use(result.plans[number], options)
    end,
    ['<Tab>'] = function()
      turn(1)
    end,
    ['<S-Tab>'] = function()
      turn(-1)
    end,
    q = leave,
    ['<Esc>'] = leave,
  }
  for key, act in pairs(keys) do
    vim.keymap.set('n', key, act, { buffer = buffer, nowait = true })
  end
  return window
end

return M
